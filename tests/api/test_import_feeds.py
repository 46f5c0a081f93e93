"""`palate import items` reads product feeds in XML: RSS and Atom, as Google Merchant and Meta take them."""
import json

import pytest

TENANT = "feeds"
SPACE = 'xmlns:g="http://base.google.com/ns/1.0"'
RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" {SPACE}><channel><title>Bikes</title><link>https://bikes.example</link>
<item><g:id>C1-red</g:id><g:item_group_id>C1</g:item_group_id><g:title>City &amp; Co 3</g:title>
  <g:description><![CDATA[<p>Light, <b>red</b></p>]]></g:description><g:link>https://bikes.example/c1</g:link>
  <g:price>1,299.00 EUR</g:price><g:sale_price>999.00 EUR</g:sale_price><g:availability>in_stock</g:availability>
  <g:product_type>Bikes &gt; City</g:product_type><g:product_type>Sale</g:product_type>
  <g:shipping><g:country>DE</g:country><g:price>9 EUR</g:price></g:shipping></item>
<item><g:id>C1-blue</g:id><g:item_group_id>C1</g:item_group_id><g:title>City blue</g:title><g:price>899 EUR</g:price></item>
<item><g:id>B</g:id><title>Bell</title><g:price>5 EUR</g:price><g:availability>out_of_stock</g:availability><g:color>brass</g:color></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" {SPACE.replace(":g=", ":goods=")}><id>x</id><updated>2024-01-01T00:00:00Z</updated>
<entry><id>tag:shop,2024:9</id><goods:id>009</goods:id><title type="html">Th&#233; &lt;vert&gt;</title><summary>Fresh</summary>
<link rel="self" href="https://api.example/9"/><link href="https://shop.example/9"/><goods:price>4,50 EUR</goods:price></entry></feed>"""


@pytest.fixture
def load(stand, tmp_path):
    """Imports a feed: (exit status, all that it says)."""
    if not stand.tool.run("tenant", "list").stdout.count(TENANT):
        stand.tool.tenant(TENANT)

    def run(content, *more, name="feed.xml"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        done = stand.tool.run("import", "items", tmp_path / name, "--tenant", TENANT, *more, check=False)
        return done.returncode, done.stdout + done.stderr
    return run


@pytest.fixture
def stored(stand, database):
    def find(item):
        rows = database.execute("SELECT name, description, metadata, active FROM items WHERE tenant_id = %s AND item_id = %s",
                                stand.tenant_id(TENANT), item)
        return (*rows[0][:2], json.loads(rows[0][2]), rows[0][3]) if rows else None
    return find


def test_rss_of_google_merchant(load, stored):
    status, text = load(RSS, "--sync", "--force")
    assert status == 0 and "a catalogue of Google Merchant or Meta, an RSS feed" in text.splitlines()[0]
    assert "1 rows were variants" in text and "2 created" in text
    name, description, metadata, _ = stored("C1")
    assert (name, description) == ("City & Co 3", "<p>Light, <b>red</b></p>")
    assert metadata == {"url": "https://bikes.example/c1", "price": "899 EUR", "currency": "EUR", "in_stock": True,
                        "category": ["Bikes", "City", "Bikes > City", "Sale"]}
    assert stored("B")[2] == {"price": "5 EUR", "currency": "EUR", "in_stock": False, "color": "brass"}
    assert "0 created, 0 changed, 2 unchanged" in load(RSS)[1]
    assert "0 created, 1 changed, 1 unchanged" in load(RSS.replace("<g:color>brass</g:color>", ""))[1] and "color" not in stored("B")[2]


def test_atom(load, stored):
    status, text = load(ATOM)
    assert status == 0 and "an Atom feed" in text, text
    assert stored("009") == ("Thé <vert>", "Fresh", {"url": "https://shop.example/9", "price": "4,50 EUR", "currency": "EUR"}, 1)


@pytest.mark.parametrize("content", [
    RSS.replace("utf-8", "ISO-8859-1").replace("Bell", "Glöckchen").encode("cp1252"), RSS.replace("Bell", "Glöckchen").encode("utf-16"),
    "\ufeff" + RSS.replace("Bell", "Glöckchen"), RSS.replace("Bell", "Gl&#xf6;ckchen").replace("\n", "\r\n"), RSS.replace("Bell", "Glöckchen").replace(f" {SPACE}", "")])
def test_encodings_and_what_shops_forget(load, stored, content):
    assert load(content)[0] == 0
    assert stored("B")[0] == "Glöckchen"


def test_the_declaration_decides(load, stored):
    """Two letters of ISO-8859-1 can be one of UTF-8, so the bytes do not tell."""
    latin = RSS.replace("utf-8", "ISO-8859-1").replace("Bell", "\u00c3\u00bc").encode("latin-1")
    assert load(latin)[0] == 0 and stored("B")[0] == "\u00c3\u00bc"
    assert load(RSS.replace("utf-8", "utf-16").replace("Bell", "Gl\u00f6ckchen"))[0] == 0 and stored("B")[0] == "Gl\u00f6ckchen"
    for bad, words in ((RSS.replace("utf-8", "KOI8-R"), "KOI8-R"), (RSS.replace("Bell", "K\u00fc").encode("latin-1"), "line 9")):
        status, text = load(bad)
        assert status == 1 and words in text and stored("B")[0] == "Gl\u00f6ckchen", text


def test_a_first_item_that_is_bad_is_left_out(load, stored):
    status, text = load(RSS.replace("<g:title>City &amp; Co 3</g:title>", "").replace("<g:item_group_id>C1</g:item_group_id>", ""), "--skip-bad", "1")
    assert status == 3 and ":3: name is missing" in text and stored("C1-blue")[0] == "City blue", text


def test_a_shops_own_xml(load, stored):
    content = '<catalog><product id="p1"><naam>Kaas</naam><prijs>4,95</prijs></product><product id="p2"><naam>Brood</naam><gewicht>800</gewicht></product></catalog>'
    status, text = load(content)
    assert status == 1 and "the element name is missing: the first item has id, naam, prijs" in text and "--map" in text
    assert load(content, "--map", "name=naam,price=prijs")[0] == 0
    assert stored("p1")[2] == {"price": "4,95"} and stored("p2")[2] == {"gewicht": 800}


@pytest.mark.parametrize("content, words", [
    (RSS[:900], "cut short"), ("<!DOCTYPE html><html></html>", "web page"),
    ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + RSS[39:], "DOCTYPE"), ("<orders><order/></orders>", "outermost element is <orders>"),
    (RSS.replace("Bell", "Bell & Co"), "line 9: the XML is broken"), ("<rss/>", "no <item>")])
def test_what_is_no_feed_stores_nothing(load, stored, content, words):
    load("id,name\nB,Kept\n")
    status, text = load(content)
    assert status == 1 and words in text and stored("B")[0] == "Kept", text


def test_bad_items_are_kept_as_a_feed(load, stored, tmp_path):
    status, text = load(RSS.replace("<g:id>B</g:id>", "").replace("</channel>", "<item><g:id>Z</g:id><g:title>Last</g:title></item></channel>"), "--skip-bad", "1")
    assert status == 3, text
    bad = (tmp_path / "feed.xml.bad").read_text()
    assert bad.count("<item>") == 1 and "brass" in bad
    assert load(bad.replace("<item>", "<item><g:id>mended</g:id>"), name="mended.xml")[0] == 0
    assert stored("mended")[0] == "Bell" and stored("Z")[0] == "Last"


def test_events_are_none_of_it(stand, load, tmp_path):
    (tmp_path / "events.xml").write_text(RSS)
    done = stand.tool.run("import", "events", tmp_path / "events.xml", "--tenant", TENANT, check=False)
    assert done.returncode == 1 and "not from XML" in done.stderr
