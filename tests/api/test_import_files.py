"""`palate import` finds out what a file is: separators, encodings, line ends, columns' names, exports of shop systems."""
import gzip
import json

import pytest

TABLE = [["id", "name", "category", "price"], ["1", "Küche", "Töpfe", "9,99"], ["2", "Tasse; blau", "Tassen", "7"]]
ITEMS = [{"id": "1", "name": "Küche", "metadata": {"category": "Töpfe", "price": "9,99"}},
         {"id": "2", "name": "Tasse; blau", "metadata": {"category": "Tassen", "price": 7}}]


@pytest.fixture(scope="module")
def preview(stand, tmp_path_factory):
    """Runs the command without storing anything: (exit status, all that it says, the items or events)."""
    stand.tool.tenant("files")
    folder = tmp_path_factory.mktemp("files")

    def run(content, name="file.csv", what="items", *more):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        done = stand.tool.run("import", what, folder / name, "--tenant", "files", "--dry-run", *more, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode, done.stdout + done.stderr, rows
    return run


def table(separator, end="\n", rows=TABLE, quoted=True):
    return "".join(separator.join(f'"{cell}"' if quoted else cell for cell in row) + end for row in rows)


def plain(rows):
    return [{name: row[name] for name in ("id", "name", "metadata")} for row in rows]


@pytest.mark.parametrize("content, said", [
    (table(","), "separated by commas"), (table(";"), "semicolons"), (table("\t"), "tabs"), (table("|"), "bars"),
    ("sep=;\r\n" + table(";", "\r\n"), "semicolons"), (table(";", "\r"), "end with CR"), ("\ufeff" + table(";"), "semicolons"),
    (table(";").encode("utf-16"), "UTF-16"), (table(";").encode("utf-16-be"), "UTF-16"), (table(";").encode("cp1252"), "Windows-1252"),
    (table(";", ";;;\r\n") + ";;;;;\r\n\r\n;;\r\n", "semicolons"),
    (table("\t", rows=[[" ID ", "Title", " category", "price\u00a0"], *TABLE[1:]], quoted=False), "tabs"),
    (json.dumps(ITEMS), "JSON array"), (json.dumps(ITEMS, indent=2, ensure_ascii=False), "JSON array"),
    ("".join(json.dumps(item) + "\r\n" for item in ITEMS), "JSON lines")])
def test_what_programs_write_is_found_out_and_said(preview, content, said):
    status, text, rows = preview(content)
    assert status == 0 and said in text.splitlines()[0], text
    assert plain(rows) == ITEMS


def test_an_encoding_that_shows_late_is_told(preview):
    rows = "".join(f"{number},Thing\n" for number in range(40000))
    status, text, _ = preview(("id,name\n" + rows + "x,K\u00fcche\n").encode("cp1252"))
    assert status == 0 and "Windows-1252" not in text.splitlines()[0] and "was converted from Windows-1252" in text


def test_lines_within_quotes(preview):
    assert preview('id,name\n1,"a\nb, ""c"""\n')[2][0]["name"] == 'a\nb, "c"'
    assert preview('id\tname\n1\t5" hose\n', "x.tsv")[2][0]["name"] == '5" hose'


@pytest.mark.parametrize("content, what, words", [
    ("ID;Bezeichnung\n1;x\n", "items", ["semicolons", "name is missing", "ID, Bezeichnung", "--map NAME="]),
    ("user_id,item_id\nu,i\n", "events", ["commas", "type is missing", "user_id, item_id"]), ("id,name\n", "items", ["holds no items"]),
    ("", "items", ["empty"]), ("[]", "items", ["holds no items"]), ('[{"id": 1', "items", ["cut short"]), ("id,name,name\n1,a,b\n", "items", ["twice"]),
    ("id,name\n1,a,b\n", "items", [":2:", "3 fields between commas"]), ('{"id": 1,\n"name": "x"}', "items", [":1:", "JSON that ends too early"])])
def test_what_cannot_be_read_is_told_with_its_cause(preview, content, what, words):
    status, text, rows = preview(content, "bad.csv", what)
    assert status == 1 and not rows and all(word in text for word in words), text


def test_the_users_own_names(preview):
    content = "Nr;Bezeichnung;Preis\n1;Tasse;9,99\n"
    assert preview(content, "own.csv", "items", "--map", "id=Nr,name=Bezeichnung,price=Preis")[2] == [
        {"id": "1", "name": "Tasse", "active": True, "metadata": {"price": "9,99"}}]
    status, text, _ = preview(content, "own.csv", "items", "--map", "id=Nummer")
    assert status == 1 and '"Nummer"' in text


def test_events_of_other_programs(preview):
    status, _, rows = preview("event_time,event_type,product_id,user_id,qty\n2019-10-01 00:00:00 UTC,view,1,7,2.0\n2019-10-01 00:00:01 UTC,purchase,1,7,1.5\n",
                              what="events")
    assert status == 0 and [(row["user_id"], row["item_id"], row["type"], row["occurred_at"], row["quantity"]) for row in rows] == [
        ("7", "1", "view", "2019-10-01T00:00:00.000Z", 2), ("7", "1", "purchase", "2019-10-01T00:00:01.000Z", 2)]


WOOCOMMERCE = ('ID,Type,SKU,Name,Published,"Visibility in catalog","In stock?",Stock,"Sale price","Regular price",Categories,Tags,Images,Parent\n'
               '101,variable,MUG,"Mug ""Nord""",1,visible,0,,,,"Kitchen > Mugs, Gifts","new, blue","https://x/1.jpg, https://x/2.jpg",\n'
               '102,variation,MUG-R,"Mug - Red",1,visible,1,7,"9,6",12,,,,MUG\n104,variation,,"Mug - Blue",1,visible,0,0,,"8,5",,,,id:101\n'
               '103,simple,WRAP,"\'=Wrap",1,hidden,backorder,,,1,Gifts,,,\n105,simple,T,Tea,-1,visible,1,,,3,,,,\n')
SHOPIFY = ('Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src,Status\n'
           'mug,Mug,<p>Stone</p>,Nord,Mugs,"gift, blue",TRUE,M-B,shopify,0,9.60,https://x/1.jpg,active\nmug,,,,,,,M-R,shopify,7,9.20,,\nmug,,,,,,,,,,,https://x/2.jpg,\n'
           'tea,Tea,,,,,FALSE,T,shopify,0,3,,draft\n')
MAGENTO = ('sku,store_view_code,product_type,categories,name,product_online,visibility,price,special_price,created_at,additional_attributes,is_in_stock\n'
           'MUG,,configurable,"Default Category/Kitchen/Mugs,Default Category/Gifts",Mug,1,"Catalog, Search",9.6,8,"1/31/24, 1:20 PM","manufacturer=Nord,color=Red",1\n'
           'MUG,de,,,Tasse,,,,,,,\nMUG-R,,simple,,Mug Red,1,Not Visible Individually,9.6,,,,1\nOFF,,simple,,Off,2,Catalog,1,,,,0\n')
GOOGLE = ("id\ttitle\tdescription\tlink\timage link\tprice\tsale_price\tavailability\tproduct_type\titem_group_id\n"
          "102\tMug red\tA mug\thttps://x/102\thttps://x/102.jpg\t9.60 EUR\t\tin_stock\tKitchen > Mugs\t101\n103\tMug blue\t\t\t\t9.40 EUR\t\tout of stock\t\t101\n"
          "104\tTea\t\thttps://x/104\t\t3.00 EUR\t2.50 EUR\tout_of_stock\t\t\n")
META = ("# facebook catalogue\n# second comment\nid,title,description,availability,condition,price,link,image_link,brand\n"
        "m1,Cup,A cup,in stock,new,9.99 USD,https://x/m1,https://x/m1.jpg,Acme\n")
PRESTASHOP = ('ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Reference #;Quantity;Image URLs (x,y,z...);Product creation date\n'
              '5;1;Tasse;Home,Kitchen;"9,90";R5;0;https://x/1.jpg,https://x/2.jpg;2024-01-02\n6;0;Topf;Home;20;;3;;\n')


def item(identity, name, active=True, **metadata):
    return {"id": identity, "name": name, "active": active, "metadata": metadata}


@pytest.mark.parametrize("content, said, items", [
    (WOOCOMMERCE, "WooCommerce", [
        item("101", 'Mug "Nord"', sku="MUG", in_stock=True, tags=["new", "blue"], image_url="https://x/1.jpg", price="8,5"),
        item("103", "=Wrap", False, sku="WRAP", in_stock=True, price=1), item("105", "Tea", False, sku="T", in_stock=True, price=3)]),
    (SHOPIFY, "Shopify", [
        {**item("mug", "Mug", brand="Nord", sku="M-B", in_stock=True, tags=["gift", "blue"], image_url="https://x/1.jpg", price=9.2), "description": "<p>Stone</p>"},
        item("tea", "Tea", False, sku="T", in_stock=False, price=3)]),
    (MAGENTO, "Magento", [{**item("MUG", "Mug", brand="Nord", color="Red", in_stock=True, price=8), "created": "2024-01-31T13:20:00Z"},
                          item("OFF", "Off", False, in_stock=False, price=1)]),
    (GOOGLE, "Google", [
        {**item("101", "Mug red", in_stock=True, price="9.40 EUR", currency="EUR", url="https://x/102", image_url="https://x/102.jpg"), "description": "A mug"},
        item("104", "Tea", in_stock=False, price="2.50 EUR", currency="EUR", url="https://x/104")]),
    (META, "Meta", [{**item("m1", "Cup", in_stock=True, price="9.99 USD", currency="USD", url="https://x/m1", image_url="https://x/m1.jpg", brand="Acme",
                            condition="new"), "description": "A cup"}]),
    (PRESTASHOP, "PrestaShop", [
        {**item("5", "Tasse", price="9,90", sku="R5", in_stock=False, image_url="https://x/1.jpg"), "created": "2024-01-02T00:00:00Z"},
        item("6", "Topf", False, price=20, in_stock=True)])])
def test_exports_of_shop_systems(preview, content, said, items):
    """Variants, images and languages are no items of their own. Categories have a rule of their own."""
    status, text, rows = preview(content)
    assert status == 0 and said in text.splitlines()[0], text
    for row in rows:
        row["metadata"].pop("category", None)
        row["metadata"].pop("Stock", None)
    assert rows == items


PATH = ["Kitchen", "Mugs", "Kitchen > Mugs"]


@pytest.mark.parametrize("content, categories", [
    (WOOCOMMERCE, [[*PATH, "Gifts"], "Gifts", None]), (SHOPIFY, ["Mugs", None]), (MAGENTO, [[*PATH, "Gifts"], None]), (GOOGLE, [PATH, None]),
    (PRESTASHOP, [["Home", "Kitchen"], "Home"]), ("id,name,Product Category\n1,x,Kitchen &gt; Mugs\n", [PATH]),
    ("id,name,category\n1,x,Home &amp; Garden\n2,y,Home &amp; Garden &gt; Tools\n", ["Home & Garden", ["Home & Garden", "Tools", "Home & Garden > Tools"]]),
    ("id,name,category,Categories\n1,x,a|b,c\n", [["a", "b"]])])
def test_categories_of_exports(preview, content, categories):
    assert [row["metadata"].get("category") for row in preview(content)[2]] == categories


@pytest.mark.parametrize("content, name, words", [
    (b"PK\x03\x04\x14\0\x06\0rest", "book.xlsx", "workbook"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "book.xls", "save the sheet as CSV"),
    (gzip.compress(b"%PDF-1.7 and more"), "x.csv.gz", "PDF"), (b"BZh91AY&SY", "x.csv.bz2", "bzip2"), (b"\x28\xb5\x2f\xfd\0\0", "x.csv.zst", "zstd"), (b"%PDF-1.7\n", "x.pdf", "PDF"),
    ("id,name\n".encode("utf-32"), "x.csv", "UTF-32"), ("<!DOCTYPE html>\n<html></html>", "x.csv", "web page"),
    ('{"products": [{"id": "1", "name": "x"}]}', "x.json", 'a list "products"'), ('{\n "id": "1"\n}', "x.json", "belongs between [ and ]"),
    ('{"id": "1", "name": "x"},\n{"id": "2", "name": "y"}\n', "x.json", "stand around"), ('{"id": "1", "name": "x", "metadata": {"a": NaN}}\n', "x.json", "NaN"),
    ('{"id": 7.0, "name": "x"}\n', "x.json", "id must be text or a whole number")])
def test_what_is_no_table_is_named(preview, content, name, words):
    status, text, _ = preview(content, name)
    assert status == 1 and words in text, text


def test_map_is_not_passed_over(preview):
    status, text, _ = preview('{"sku": "1", "title": "x"}\n', "x.json", "items", "--map", "id=sku,name=title")
    assert status == 1 and "--map is for tables and feeds" in text


@pytest.mark.parametrize("content, metadata", [
    ("id,name,\n1,x,note\n", {}), ("id,name,,\n1,x,a,b\n", {}), ("id,item_id,name\n1,old,x\n", {"item_id": "old"}),
    ('"# Required, x, y"\nid,name,price\n1,x,5\n', {"price": 5}), ("id,name,created\n1,x,0000-00-00 00:00:00\n", {}), ("id,name,created\n1,x,NULL\n", {}),
    ("id,name,created,metadata\n1,x, 2024-01-15 24:00:00 ,[]\n", {}), ("id,name,ean\n1,x,9223372036854775807\n", {"ean": 9223372036854775807}),
    ('{"id": "1", "name": "x", "metadata": []}', {}), ('[{"id": "1", "name": "x", "metadata": {"n": 18446744073709551615}}]', {"n": 18446744073709551615})])
def test_small_oddities(preview, content, metadata):
    status, text, rows = preview(content)
    assert status == 0 and rows[0]["metadata"] == metadata and rows[0]["id"] == "1", text


def prices(rows):
    return {row["id"]: row["metadata"].get("price") for row in rows}


@pytest.mark.parametrize("content, expected", [
    # Variations apart from their product, one of them not published; a sale that is over, one that lasts, one that has not begun
    ("ID,Type,SKU,Name,Published,Sale price,Date sale price starts,Date sale price ends,Regular price,Parent\n"
     "19,variable,TEE,Tee,1,,,,,\n20,simple,,Cap,1,5,,2020-02-01,9,\n21,variation,,Tee M,1,,,,12,id:19\n22,simple,,Hat,1,6,2020-01-01,2098-01-01,8,\n"
     "23,simple,,Bag,1,3,2098-01-01,,4,\n24,variation,,Tee L,0,,,,7,TEE\n25,variation,,Tee S,1,,,,11,TEE\n", {"19": 11, "20": 9, "22": 6, "23": 4}),
    ("ID,Type,Name,Regular price,Visibility in catalog,Parent\n1,variable,Cup,,visible,\n2,variation,Cup red,4,visible,id:1\n", {"1": 4}),
    # Magento's variants come first; which they are is told by the product
    ("sku,store_view_code,name,price,special_price,special_price_from_date,special_price_to_date,visibility,configurable_variations\n"
     'S-red,,Shirt red,15,,,,Not Visible Individually,\nS-blue,,Shirt blue,14,9,1/1/20,"12/31/98, 11:59 PM",Not Visible Individually,\n'
     'S,,Shirt,,,,,"Catalog, Search","sku=S-red,color=Red|sku=S-blue,color=Blue"\nT,,Tie,20,10,1/1/20,1/31/20,"Catalog, Search",\n', {"S": 9, "T": 20}),
    ("id,title,price,sale_price,sale_price_effective_date,item_group_id,availability\n"
     "a1,A,9.00 EUR,5.00 EUR,2020-01-01T00:00Z/2020-02-01T00:00Z,A,in stock\nb1,B,3 EUR,,,,in stock\na2,A2,8.00 EUR,,,A,in stock\n", {"A": "8.00 EUR", "b1": "3 EUR"})])
def test_prices_of_exports(preview, content, expected):
    status, text, rows = preview(content)
    assert status == 0 and prices(rows) == expected, text


def test_magento_in_detail(preview):
    rows = preview("sku,store_view_code,name,description,additional_attributes\n"
                   'A,,Mug,__EMPTY__VALUE__,"color=red,desc=Nice, good, cheap,size=""10,5"",manufacturer=__EMPTY__VALUE__,n_1=x=y"\n')[2]
    assert "description" not in rows[0] and rows[0]["metadata"] == {"color": "red", "desc": "Nice, good, cheap", "size": "10,5", "n_1": "x=y"}


@pytest.mark.parametrize("cells, shown, in_stock, currency", [
    ("discontinued,9.99EUR,", True, False, "EUR"), ("pending,EUR 9.99,", True, False, "EUR"), ("mark_as_sold,9.99 USD,", True, False, "USD"),
    ("available for order,9 USD,hidden", False, True, "USD"), ("preorder,9 USD,staging", False, True, "USD"), ("In_Stock,9,published", True, True, None)])
def test_meta_in_detail(preview, cells, shown, in_stock, currency):
    row = preview(f"id,title,availability,price,visibility,image[0].url\n1,x,{cells},https://x/1.jpg\n")[2][0]
    assert (row["active"], row["metadata"]["in_stock"], row["metadata"].get("currency")) == (shown, in_stock, currency)
    assert row["metadata"]["image_url"] == "https://x/1.jpg"


def test_prestashop_grids(preview):
    row = preview('"ID";"Image";"Name";"Reference";"Category";"Price (tax excl.)";"Price (tax incl.)";"Quantity";"Status"\n7;https://x/7.jpg;Mug;R7;Home;8,26;9,99;3;1\n')[2][0]
    assert row["metadata"]["price"] == "9,99" and row["active"] and row["metadata"]["in_stock"]


def test_a_dry_run_stores_nothing(preview, stand, database):
    preview(WOOCOMMERCE)
    assert database.execute("SELECT COUNT(*) FROM items WHERE tenant_id = %s", stand.tenant_id("files"))[0][0] == 0


def test_what_a_file_does_not_say_stays(stand, tmp_path, database):
    stand.tool.tenant("partial")
    tenant = stand.tenant_id("partial")

    def load(content, name="file.csv"):
        (tmp_path / name).write_text(content)
        return stand.tool.run("import", "items", tmp_path / name, "--tenant", "partial").stdout

    def stored(item="a"):
        return database.execute("SELECT name, description, metadata, active, revision FROM items WHERE tenant_id = %s AND item_id = %s", tenant, item)[0]
    load('id,name,description,active,price\na,A,long,yes,5\nb,B,,yes,\n')
    database.execute("UPDATE items SET active = FALSE WHERE tenant_id = %s AND item_id = 'a'", tenant)
    first = stored()
    assert "0 created, 0 changed, " in load("id,name\na,A\nb,B\n") and stored() == first
    assert "0 created, 0 changed, " in load('{"id": "a", "name": "A"}\n', "file.jsonl") and stored() == first
    assert "0 created, 1 changed, " in load("id,name\na,New\nb,B\n") and stored()[:4] == ("New", "long", '{"price":5}', 0)
    load("id,name,description\na,New,\n")
    assert stored()[:4] == ("New", "", '{"price":5}', 0)  # a column that is there and empty says so
    load('{"id": "a", "name": "New", "metadata": {}, "active": true}\n', "file.jsonl")
    assert stored()[:4] == ("New", "", "{}", 1)
    load('id,name,price\nb,B,\nc,C,7\n')
    assert stored("b")[2:4] == ("{}", 1) and stored("c")[2:4] == ('{"price":7}', 1)


def test_keys_of_metadata_without_a_column_stay(stand, tmp_path, database):
    """A file of prices leaves categories alone; to the letter, so that the same file again changes nothing."""
    stand.tool.tenant("keys")
    tenant = stand.tenant_id("keys")

    def load(content, status=0):
        (tmp_path / "file.csv").write_text(content)
        done = stand.tool.run("import", "items", tmp_path / "file.csv", "--tenant", "keys", check=False)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def stored(item="k"):
        return database.execute("SELECT metadata FROM items WHERE tenant_id = %s AND item_id = %s", tenant, item)[0][0]
    load('id,name,metadata\nk,K,"{""ean"": 9007199254740993, ""size"": {""cm"": [1, 2.50]}, ""note"": ""a\\/ü\\u00e9😀""}"\nm,M,{}\n')
    load("id,name,price,category,color\nk,K,7.0,Mugs|Cups,red\nm,M,5,,\n")
    assert json.loads(stored()) == {"ean": 9007199254740993, "size": {"cm": [1, 2.5]}, "note": "a/üé😀", "price": 7.0,
                                    "category": ["Mugs", "Cups"], "color": "red"}
    assert "0 changed, 2 unchanged" in load("id,name,price\nk,K,7.0\nm,M,5\n")
    assert "1 changed, 1 unchanged" in load("id,name,price,color\nk,K,8,\nm,M,5,\n")
    assert stored().endswith('"price":8,"category":["Mugs","Cups"]}') and "9007199254740993" in stored() and stored("m") == '{"price":5}'
    before = stored()
    long = "x" * 40000
    load(f"id,name,one\nk,K,{long}\n")
    assert "metadata of k" in load(f"id,name,two\nm,Other,1\nk,K,{long}\n", status=1)
    assert "two" not in stored() and database.execute("SELECT name FROM items WHERE tenant_id = %s AND item_id = 'm'", tenant)[0][0] == "M"
    load("id,name,one\nk,K,\n")
    assert stored() == before
    load('id,name,metadata\nk,K,"{""new"": 1}"\n')
    assert stored() == '{"new":1}'  # a column of all metadata says all of it


def test_sync_makes_the_catalogue_equal_to_the_feed(stand, tmp_path, database):
    stand.tool.tenant("synced")
    tenant = stand.tenant_id("synced")

    def load(ids, *more, columns="id,name", check=True):
        path = tmp_path / "feed.csv"
        path.write_text(columns + "\n" + "".join(f"{item},Thing {item}\n" for item in ids))
        done = stand.tool.run("import", "items", path, "--tenant", "synced", *more, check=check)
        return done.returncode, done.stdout + done.stderr

    def shown():
        return {item for item, in database.execute("SELECT item_id FROM items WHERE tenant_id = %s AND active AND NOT deleted", tenant)}

    def revision():
        return database.execute("SELECT catalogue_revision FROM tenants WHERE tenant_id = %s", tenant)
    whole = [f"s{number}" for number in range(10)]
    load(whole, "--sync")
    assert shown() == set(whole)
    database.execute("UPDATE items SET active = FALSE WHERE tenant_id = %s AND item_id = 's0'", tenant)  # by somebody
    assert "1 items that the file no longer has" in load(whole[:9], "--sync")[1] and shown() == set(whole[1:9])
    before = revision()
    assert "0 created, 0 changed, " in load(whole[:9], "--sync")[1] and revision() == before
    load(whole, "--sync")
    assert shown() == set(whole[1:])  # back in the feed, back in the shop; but not what somebody has switched off
    status, text = load(whole[:4], "--sync", check=False)
    assert status == 1 and "--force" in text and shown() == set(whole[1:])
    load(whole[:4], "--sync", "--force")
    assert shown() == set(whole[1:4])
    load(["new"])
    assert shown() == {*whole[1:4], "new"}  # without the option nothing leaves
    assert load([], "--sync", check=False)[0] == 1 and shown() == {*whole[1:4], "new"}
    for more in (("--sync", "--skip-bad", "3"), ("--force",), ("--bad-file", "x"), ("--sync", "--on-error", "skip")):
        assert load(whole, *more, check=False)[0] == 2


@pytest.mark.parametrize("name, content, bad", [
    ("bad.csv", 'id;name;created\n1;One;\n;Two;\n3;"Three\nlines";never\n4;Four;\n', 'id;name;created\n;Two;\n3;"Three\nlines";never\n'),
    ("bad.jsonl", '{"id": 1, "name": "One"}\n{"id": 2}\nnonsense\n{"id": 4, "name": "Four"}\n', '{"id": 2}\nnonsense\n'),
    ("bad.json", '[{"id": 1, "name": "One"}, {"id": 2}, {"name":\n3}, {"id": 4, "name": "Four"}]', '{"id": 2}\n{"name": 3}\n')])
def test_bad_lines_are_kept_to_be_mended(stand, tmp_path, database, name, content, bad):
    tenant = "mended-" + name.replace(".", "-")
    stand.tool.tenant(tenant)
    (tmp_path / name).write_text(content)

    def load(*more):
        done = stand.tool.run("import", "items", tmp_path / name, "--tenant", tenant, *more, check=False)
        return done.returncode, done.stdout + done.stderr
    assert load("--skip-bad", "1")[0] == 1
    assert database.execute("SELECT COUNT(*) FROM items WHERE tenant_id = %s", stand.tenant_id(tenant))[0][0] == 0  # all or nothing
    assert not (tmp_path / f"{name}.bad").exists()
    status, text = load("--skip-bad", "2")
    assert status == 3 and "2 items read" in text and f"{name}.bad" in text
    assert (tmp_path / f"{name}.bad").read_text() == bad
    status, text = load("--skip-bad", "2")
    assert status == 1 and "move it away" in text  # somebody may be mending it
    assert load("--skip-bad", "2", "--bad-file", tmp_path / "other.bad")[0] == 3 and (tmp_path / "other.bad").read_text() == bad
