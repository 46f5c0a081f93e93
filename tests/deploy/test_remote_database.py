"""docs/operations.md, "Several web servers, one database": users by address, reached by TCP. The roots have no network between them, so
the database is asked at this machine's own address, as if it were another's."""
import pytest
from harness import shop
from harness.operations import blocks, play, put_systemctl
from harness.setup import HOST, SERVICES, answers, run_setup, steps

ADDRESS = "127.0.0.1"
# Or everybody here would come from localhost.
NO_NAMES = "[mariadbd]\nskip-name-resolve\n"


def page(part):
    """A block of the page, with this machine's addresses in place of the example's."""
    text = blocks("Several web servers, one database")[part]
    return text.replace("10.0.0.%", "127.0.0.%").replace("db.example.org", ADDRESS)


# What is run on the database's machine knows nothing of the web server's /root/.my.cnf.
THERE = {"HOME": "/nonexistent"}


def query(root, text):
    return root.run("mariadb -N", stdin=text, environment=THERE).lines


def accounts(root):
    return query(root, "SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE User LIKE 'palate%' ORDER BY 1")


def database_machine(machine, server):
    root = machine(server)
    put_systemctl(root)
    root.put("/etc/mysql/mariadb.conf.d/98-no-names.cnf", NO_NAMES)
    root.start("mariadb", SERVICES[server])
    play(root, page(0), environment=THERE)
    return root


@pytest.mark.parametrize("server", ("apache", "lighttpd"))
def test_setup_takes_a_remote_database(machine, server):
    root = database_machine(machine, server)
    play(root, page(1))
    assert accounts(root) == [f"palate_tool@{ADDRESS}", f"palate_worker@{ADDRESS}"]
    assert answers(root)
    conf = root.read("/etc/palate/palate.conf")
    assert f"host          = {ADDRESS}" in conf and "socket" not in conf, conf
    items, events = shop.put_files(root, purchases=500)
    again = run_setup(root, "--server", server, "--items", items, "--events", events)
    assert any(f"MariaDB at {ADDRESS}" in line for line in steps(again, "kept")), again
    assert root.run(f"palate doctor --url http://{HOST} --connect 127.0.0.1").status == 0
    run_setup(root, "--remove", "--drop-data")
    assert accounts(root) == []
    assert query(root, "SHOW DATABASES LIKE 'palate'") == []


def test_a_second_web_server_and_users_for_a_pattern_of_addresses(machine):
    root = database_machine(machine, "apache")
    play(root, page(1))
    # The users of the first web server's own address go, and those for all of them come.
    query(root, f"DROP USER palate_tool@'{ADDRESS}', palate_worker@'{ADDRESS}'")
    play(root, page(2), environment=THERE)
    pattern = ["palate_tool@127.0.0.%", "palate_worker@127.0.0.%"]
    # As on a second one: /etc/palate has been unpacked, and nothing else is there.
    root.run("tar -C / -czf /root/etc.tar.gz etc/palate && palate setup --remove >/dev/null"
             " && useradd --system --user-group --home-dir /var/lib/palate --no-create-home --shell /usr/sbin/nologin palate"
             " && tar -C / -xzpf /root/etc.tar.gz")
    play(root, page(1))
    assert accounts(root) == pattern
    assert answers(root)
    assert root.run(f"palate doctor --url http://{HOST} --connect 127.0.0.1").status == 0
    # The rights by hand, as the page has them.
    query(root, "REVOKE INSERT ON palate.decisions FROM palate_worker@'127.0.0.%'")
    lacking = root.run(f"palate doctor --url http://{HOST} --connect 127.0.0.1", check=False)
    assert lacking.status == 1
    assert f"fix: palate grants --from ADDRESS | mariadb --host={ADDRESS} palate" in lacking.out, lacking
    root.run(f"palate grants --from '127.0.0.%' | mariadb --host={ADDRESS} palate")
    assert root.run(f"palate doctor --url http://{HOST} --connect 127.0.0.1").status == 0
