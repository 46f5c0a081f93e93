"""Shared hosting: the two files that lie in the site, under what hosts allow and have set, and how they are put there."""
import json
import os
import subprocess
import time

import pytest

from harness.client import Api, chunked, request, status_of
from harness.stand import BUILD, CHECKOUT, Front, wait_until

# What .htaccess files may say: what is asked for, what the page of many a host says, and what control panels write.
HOSTS = {
    "the least": ("FileInfo Options=ExecCGI", "FollowSymLinks"),
    "bare Options": ("AuthConfig FileInfo Options", "FollowSymLinks"),
    "MultiViews and Indexes on": ("AuthConfig FileInfo Options", "FollowSymLinks MultiViews Indexes"),
    "a list without MultiViews": ("AuthConfig FileInfo Indexes Limit Options=ExecCGI,Includes,IncludesNOEXEC,SymLinksIfOwnerMatch",
                                  "SymLinksIfOwnerMatch IncludesNOEXEC"),
    "everything": ("All", "All"),
}
FIRST = {"sequence_data": {"customer_preferences": {"categories": ["electronics"]}}, "task": "product_recommendation",
         "template": "personalized"}
LIBRARY = CHECKOUT / "etc/setup/site-files.sh"
TEMPLATE = CHECKOUT / "cgi-bin/.htaccess"


@pytest.fixture(params=HOSTS)
def host(request, stand):
    """A front of its own with that host's rules, and the API as alpha's client calls it there."""
    front = Front(stand, "htaccess", f"host-{list(HOSTS).index(request.param)}", stand.root / "palate.conf", 4)
    front.environment["PALATE_FRONT_OVERRIDE"], front.environment["PALATE_FRONT_OPTIONS"] = HOSTS[request.param]
    front.start()
    yield front
    front.stop()


def test_every_kind_of_request_reaches_the_worker(host, mint):
    api = Api(host, mint())
    assert api.call("POST", "/api/recommend/recommend", FIRST).status == 200
    for path in ("/recommendations?user_id=u", "/recommendations?user_id=u&quantity=3"):
        assert api.call("GET", path).status == 200
    # What a file's name, a directory's index or a variant of one could catch.
    for path in ("/", "/palate", "/palate.fcgi", "/index.html", "/.htaccess"):
        assert api.call("GET", path).status in (403, 404)
    # Chunked, and above what mod_fcgid lets through: as plain CGI.
    body = json.dumps(FIRST).encode()
    head = "POST /api/recommend/recommend HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked"
    assert status_of(api.raw(head, chunked(body, 50))) == 200
    for size in (140_000, 200_000):
        answer = api.call("POST", "/api/recommend/recommend", {**FIRST, "template": "x" * size})
        assert answer.status == 413, answer
        assert answer.headers["Content-Type"].startswith("application/json")
    assert "not allowed here" not in host.log()


def test_without_a_token_it_is_401(host):
    assert request(host.port, "GET", "/recommendations?user_id=u").status == 401


# ---- What is put into the site


class Site:
    """A directory of a site and a home, both new, with names that would trip a shell."""

    def __init__(self, root):
        self.site, self.home = root / "it's a $site", root / 'the "home" & $HOME'
        self.site.mkdir()
        self.home.mkdir()
        self.rules, self.wrapper = self.site / ".htaccess", self.site / "palate.fcgi"

    def shell(self, command, *arguments):
        return subprocess.run(["bash", "-c", f'set -euo pipefail; . "$0"; {command} "$@"', LIBRARY, *map(str, arguments)],
                              text=True, capture_output=True, timeout=60)

    def place(self, template=TEMPLATE):
        return self.shell("place_site_files", self.site, self.home, template)

    def remove(self, home=None):
        return self.shell("remove_site_files", self.site, home or self.home)


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def newer_template(tmp_path):
    path = tmp_path / "newer"
    path.write_text(TEMPLATE.read_text() + "# of a newer Palate\n")
    return path


def test_both_files_are_placed_once_and_removed(site):
    assert site.place().stdout.splitlines() == [f"done {site.wrapper}", f"done {site.rules}"]
    assert site.place().stdout.splitlines() == [f"kept {site.wrapper}", f"kept {site.rules}"]
    assert TEMPLATE.read_text() in site.rules.read_text()
    assert site.wrapper.stat().st_mode & 0o777 == 0o755 and site.rules.stat().st_mode & 0o777 == 0o644
    result = site.remove()
    assert result.returncode == 0 and not list(site.site.iterdir())


def test_the_files_are_the_sites_owners_also_when_root_places_them(site):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(site.site, 12345, 12346)
    site.place()
    for path in (site.rules, site.wrapper):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)


@pytest.mark.parametrize("own", [b"# ours\nRequire all granted\n", b"Header set X-A \xff\x00b", b"ErrorDocument 404 /x\r\n\r\n",
                                 b"RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]\n",
                                 b"RewriteEngine On\nRewriteRule ^x - [F]"])
def test_rules_of_the_sites_own_stay_byte_for_byte(site, tmp_path, own):
    site.rules.write_bytes(own)
    assert site.place().returncode == 0
    placed = site.rules.read_bytes()
    assert placed.startswith(own) and TEMPLATE.read_bytes() in placed
    site.rules.write_bytes(placed + b"\n# and behind it\xff\n")
    assert f"done {site.rules}" in site.place(newer_template(tmp_path)).stdout
    renewed = site.rules.read_bytes()
    assert renewed.startswith(own) and renewed.endswith(b"\n# and behind it\xff\n") and b"newer Palate" in renewed
    site.rules.write_bytes(renewed[:-len(b"\n# and behind it\xff\n")])
    assert site.remove().returncode == 0
    assert site.rules.read_bytes() == own


def test_an_edited_part_is_kept_and_the_new_text_put_beside(site, tmp_path):
    site.place()
    edited = site.rules.read_text().replace("Options +ExecCGI\n", "")
    site.rules.write_text(edited)
    assert site.place().stdout.splitlines()[-1] == f"kept {site.rules} (Palate's part was edited; there is nothing newer)"
    newer = newer_template(tmp_path)
    result = site.place(newer)
    assert result.returncode == 0 and f"today's is in {site.home}/htaccess.new" in result.stdout
    assert site.rules.read_text() == edited
    # Copied over the old part it is Palate's again.
    site.rules.write_text((site.home / "htaccess.new").read_text())
    assert site.place(newer).stdout.splitlines()[-1] == f"kept {site.rules}"


def test_an_edited_script_is_kept_and_lines_before_its_part_stay(site):
    site.place()
    text = site.wrapper.read_text().replace("#!/bin/sh\n", "#!/bin/sh\nexport LD_LIBRARY_PATH=/home/you/lib\n")
    site.wrapper.write_text(text)
    (site.home / "palate.conf").write_text("")
    assert f"done {site.wrapper}" in site.place().stdout.splitlines()
    assert site.wrapper.read_text().startswith("#!/bin/sh\nexport LD_LIBRARY_PATH=/home/you/lib\n# BEGIN Palate ")
    edited = site.wrapper.read_text().replace('exec "$worker"', 'exec nice "$worker"')
    site.wrapper.write_text(edited)
    (site.home / "palate.conf").unlink()
    before = site.wrapper.stat().st_ino
    assert f"kept {site.wrapper} (Palate's part was edited; today's is in {site.home}/wrapper.new)" in site.place().stdout
    # A new file all the same, since new workers start for nothing else.
    assert site.wrapper.read_text() == edited and site.wrapper.stat().st_ino != before


WORDPRESS = """# BEGIN WordPress
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule . /index.php [L]
</IfModule>
# END WordPress
"""


@pytest.mark.parametrize("own", [WORDPRESS, "FallbackResource /index.php\n", "RewriteBase /\n", "  SetHandler my-handler\n",
                                 "RewriteRule ^(.*)$ app.php?q=$1 [QSA,L]\r\n", "RewriteRule ^(.*)$ app.php\n"])
def test_a_directory_that_routes_is_not_taken_over(site, own):
    site.rules.write_bytes(own.encode())
    result = site.place()
    assert result.returncode == 1 and "choose a directory below the site" in result.stderr
    assert site.rules.read_bytes() == own.encode() and not site.wrapper.exists()


def test_a_directory_with_other_things_is_not_taken_over(site):
    (site.site / "index.html").write_text("my shop")
    result = site.place()
    assert result.returncode == 1 and "index.html" in result.stderr and "choose a directory below the site" in result.stderr
    assert not site.rules.exists() and not site.wrapper.exists()


def test_what_an_older_palate_placed_is_renewed(site):
    old = "# Palate on shared hosting: this file\nSetEnv PALATE_CONFIG /home/you/palate.conf\nOptions +ExecCGI -MultiViews\n# my line\n"
    site.rules.write_text(old)
    site.wrapper.write_bytes((BUILD / "palate.fcgi").read_bytes())
    assert site.place().returncode == 0
    assert "-MultiViews" not in site.rules.read_text() and site.wrapper.read_text().startswith("#!/bin/sh\n")
    assert (site.home / "htaccess.old").read_text() == old


@pytest.mark.parametrize("broken", ["# BEGIN Palate 1-2\nx\n", "# END Palate\n# BEGIN Palate 1-2\n",
                                    "# BEGIN Palate 1-2\n# BEGIN Palate 1-2\n# END Palate\n"])
def test_markers_that_are_no_pair_are_left_alone(site, broken):
    site.rules.write_text(broken)
    assert site.place().returncode == 1 and site.remove().returncode == 1
    assert site.rules.read_text() == broken


def test_the_home_may_not_lie_in_the_site(site):
    site.home = site.site / "home"
    site.home.mkdir()
    assert site.place().returncode == 1 and not site.rules.exists()


def test_files_of_another_home_are_not_removed(site, tmp_path):
    site.place()
    result = site.remove(tmp_path / "other")
    assert result.returncode == 1 and site.rules.exists() and site.wrapper.exists()


def test_the_script_starts_the_worker_with_its_configuration_whatever_the_names(site, stand):
    (site.home / "palate.fcgi").symlink_to(BUILD / "palate.fcgi")
    site.place()
    variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": "/nowhere",
                 "ASAN_OPTIONS": stand.environment["ASAN_OPTIONS"], "PALATE_CONFIG": "/another"}
    result = subprocess.run([site.wrapper], env=variables, capture_output=True, timeout=30)
    assert f"cannot read {site.home}/palate.conf" in result.stderr.decode(), result
    unconfigured = result.stdout.partition(b"\r\n\r\n")[2]
    # Without the worker the script gives the answer that the worker gives without a configuration, and one line says what is missing.
    (site.home / "palate.fcgi").unlink()
    result = subprocess.run([site.wrapper], env=variables, capture_output=True, timeout=30)
    head, _, body = result.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"Status: 500 ") and b"application/json" in head and json.loads(body) == json.loads(unconfigured)
    assert f"cannot run {site.home}/palate.fcgi" in result.stderr.decode() and result.stderr.count(b"\n") == 1


def test_a_new_worker_or_configuration_makes_a_new_script(site):
    for name in ("palate.fcgi", "palate.conf"):
        site.place()
        before = site.wrapper.stat().st_ino
        assert site.place().stdout.startswith("kept ")
        (site.home / name).write_text("")
        assert site.place().stdout.startswith("done ")
        assert site.wrapper.stat().st_ino != before


def test_workers_of_a_new_script_take_over_without_a_failed_request(stand):
    front = Front(stand, "htaccess", "renewed", stand.root / "palate.conf", 4)
    front.start()
    try:
        old = set(front.workers())
        assert old
        home = front.directory / "htaccess/home"
        os.rename(home / "palate.fcgi", home / "before")
        (home / "palate.fcgi").write_bytes((home / "before").read_bytes())
        (home / "palate.fcgi").chmod(0o755)
        subprocess.run(["bash", "-c", '. "$0"; place_site_files "$@"', LIBRARY, front.directory / "htaccess/site", home, TEMPLATE],
                       check=True, timeout=60, stdout=subprocess.DEVNULL)

        def renewed():
            assert request(front.port, "GET", "/nowhere").status == 404
            return set(front.workers()) - old
        wait_until(renewed, 10, "a worker of the new script")
        # mod_fcgid would keep three of the old for ever.
        wait_until(lambda: not set(front.workers()) & old, 10, "the old workers end")
    finally:
        front.stop()


def test_root_does_not_follow_a_link_to_what_is_not_the_owners(site, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can write what is not his")
    other = tmp_path / "other"
    other.write_text("of somebody else\n")
    os.chown(site.site, 12345, 12346)
    site.rules.symlink_to(other)
    assert site.place().returncode == 1 and site.remove().returncode == 1
    assert other.read_text() == "of somebody else\n" and site.rules.is_symlink()
    os.chown(other, 12345, 12346)
    assert site.place().returncode == 0 and site.rules.is_symlink() and "# BEGIN Palate" in other.read_text()


def test_what_cannot_be_written_leaves_the_file_as_it_was(site, tmp_path):
    site.place()
    before = site.rules.read_bytes()
    # Two KiB for a file: room for the script, not for the rules.
    full = site.shell("trap '' XFSZ; ulimit -f 2; replace_file", site.rules, "0644", site.site)
    assert full.returncode == 0 and site.rules.read_bytes() == b""  # nothing on standard input
    site.rules.write_bytes(before)
    full = subprocess.run(["bash", "-c", '. "$0"; trap "" XFSZ; ulimit -f 2; replace_file "$@"', LIBRARY, site.rules, "0644", site.site],
                          input=before * 2, capture_output=True, timeout=60)
    assert full.returncode == 1 and b"is there room" in full.stderr
    full = site.shell("trap '' XFSZ; ulimit -f 2; place_site_files", site.site, site.home, newer_template(tmp_path))
    assert full.returncode == 1 and full.stderr.count("\n") == 1, full
    assert site.rules.read_bytes() == before and {path.name for path in site.site.iterdir()} == {".htaccess", "palate.fcgi"}


def test_the_web_servers_user_may_read_what_workers_read(site):
    if subprocess.run(["sh", "-c", "command -v setfacl"], stdout=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("setfacl is not installed")
    (site.home / "models").mkdir()
    (site.home / "state").mkdir()
    for name in ("token.secret", "database.password"):
        (site.home / name).write_text("x")
        (site.home / name).chmod(0o600)
    (site.home / "palate.conf").write_text(f"[database]\npassword_file = {site.home}/database.password\n[token]\n"
                                           f"secret_file = {site.home}/token.secret\n[model]\ndirectory = {site.home}/models\n"
                                           f"[limits]\nstate_file = {site.home}/state/limits\n")
    names = ("", "/palate.conf", "/database.password", "/token.secret", "/models", "/state")
    result = site.shell("share_with_web_user", site.home, "nobody")
    if "cannot be allowed" in result.stderr:
        pytest.skip("this file system has no ACLs")
    assert result.stdout.splitlines() == [f"done {site.home}{name} (readable by nobody)" for name in names], result
    assert site.shell("share_with_web_user", site.home, "nobody").stdout.splitlines() == [
        f"kept {site.home}{name} (readable by nobody)" for name in names]
    assert "user:nobody:r--" in subprocess.run(["getfacl", "-cp", site.home / "token.secret"], capture_output=True, text=True,
                                               check=True).stdout


# ---- make install


def install(**variables):
    environment = {"PATH": os.environ["PATH"], "BUILD": str(BUILD), **{name: str(value) for name, value in variables.items()}}
    return subprocess.run([CHECKOUT / "etc/demo/install"], env=environment, text=True, capture_output=True, timeout=120)


def test_a_home_has_everything_and_names_itself(site):
    result = install(PALATE_HOME=site.home, SITE=site.site)
    assert result.returncode == 0, result.stderr
    for name in ("palate", "palate.fcgi", "palate.conf", "sql/grants.sql", "setup/site-files.sh", "setup/htaccess", "palate.conf.example",
                 "cron-example", "models"):
        assert (site.home / name).exists(), name
    configuration = (site.home / "palate.conf").read_text()
    assert "/var/lib" not in "".join(line for line in configuration.splitlines() if not line.startswith(("#", ";")))
    for line in (f"directory = {site.home}/models", f"state_file = {site.home}/state/limits", f"secret_file = {site.home}/token.secret",
                 f"password_file = {site.home}/database.password", f"database_password_file = {site.home}/database.password"):
        assert line in configuration.splitlines()
    assert (site.home / "palate.conf").stat().st_mode & 0o777 == 0o600
    assert all((site.home / name).stat().st_mode & 0o777 == 0o700 for name in ("models", "state"))
    assert result.stdout.splitlines()[-1].startswith("Next: ") and " setup --site " in result.stdout.splitlines()[-1]
    (site.home / "palate.conf").write_text("# mine\n")
    time.sleep(0.01)
    assert install(PALATE_HOME=site.home, SITE=site.site).returncode == 0
    assert (site.home / "palate.conf").read_text() == "# mine\n"


def test_a_home_can_be_filled_without_a_site(site):
    assert install(PALATE_HOME=site.home).returncode == 0
    assert (site.home / "setup/htaccess").exists() and not list(site.site.iterdir())


def test_a_site_needs_a_home(site):
    result = install(SITE=site.site)
    assert result.returncode == 1 and "PALATE_HOME" in result.stderr


def test_the_machine_form_leaves_etc_and_var_alone(tmp_path):
    result = install(DESTDIR=tmp_path, PREFIX="/usr/local")
    assert result.returncode == 0 and [path.name for path in tmp_path.iterdir()] == ["usr"]
    share = tmp_path / "usr/local/share/palate"
    for name in ("setup/site-files.sh", "setup/htaccess", "sql/grants.sql", "palate.conf.example", "lighttpd-example.conf",
                 "apache-example.conf", "cron-example"):
        assert (share / name).exists(), name
    assert result.stdout.splitlines()[-1].startswith("Next: palate setup --host ")


@pytest.mark.parametrize("value", ["/home/you/a ;b", "/home/you/a\nb", " /home/you", "/home/you ", "/" + "x" * 200])
def test_a_path_that_a_configuration_cannot_hold_is_refused(site, value):
    result = site.shell("print_configuration", CHECKOUT / "etc/palate.conf.example", f"model.directory={value}")
    assert result.returncode == 1 and result.stderr


def test_a_setting_that_does_not_exist_is_refused(site):
    result = site.shell("print_configuration", CHECKOUT / "etc/palate.conf.example", "model.nowhere=x")
    assert result.returncode == 1 and "model.nowhere" in result.stderr
