"""What the tests stand on: a private installation (stand.py) and a client for it (client.py)."""
