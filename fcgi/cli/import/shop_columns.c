/* What the columns of shop systems' exports mean; see shop_columns.h.
 *
 * A format is recognised by columns that no other has, and its columns then get the names that Palate has for them;
 * what has no meaning for Palate becomes metadata under its own name. The names are those of the English exports, old
 * and new; WooCommerce translates them into the shop's language, and such a file needs --map. */
#include "cli/import/shop_columns.h"

#include "cli/import/table_header.h"

#include <string.h>

struct column_name {
    const char *column, *name;
};

static const struct column_name of_woocommerce[] = {{"ID", "id"},
                                                    {"Type", "~type"},
                                                    {"SKU", "sku"},
                                                    {"GTIN, UPC, EAN, or ISBN", "gtin"},
                                                    {"Name", "name"},
                                                    {"Published", "~published"},
                                                    {"Visibility in catalog", "~visibility"},
                                                    {"Short description", "~short"},
                                                    {"Description", "description"},
                                                    {"In stock?", "~stock"},
                                                    {"Sale price", "~sale"},
                                                    {"Date sale price starts", "~sale_from"},
                                                    {"Date sale price ends", "~sale_to"},
                                                    {"Regular price", "price"},
                                                    {"Categories", "~categories"},
                                                    {"Tags", "~tags"},
                                                    {"Images", "~images"},
                                                    {"Brands", "brand"},
                                                    {"Parent", "~parent"},
                                                    {NULL, NULL}};
static const struct column_name of_shopify[] = {{"Handle", "id"},
                                                {"URL handle", "id"},
                                                {"Title", "name"},
                                                {"Body (HTML)", "description"},
                                                {"Description", "description"},
                                                {"Vendor", "brand"},
                                                {"Product Category", "~category"},
                                                {"Type", "~type"},
                                                {"Tags", "~tags"},
                                                {"Published", "~published"},
                                                {"Published on online store", "~published"},
                                                {"Status", "~status"},
                                                {"Variant Price", "price"},
                                                {"Price", "price"},
                                                {"Image Src", "image_url"},
                                                {"Product image URL", "image_url"},
                                                {"Variant SKU", "sku"},
                                                {"SKU", "sku"},
                                                {"Variant Inventory Qty", "~quantity"},
                                                {"Inventory quantity", "~quantity"},
                                                {"Variant Inventory Policy", "~policy"},
                                                {"Continue selling when out of stock", "~policy"},
                                                {"Variant Inventory Tracker", "~tracker"},
                                                {"Inventory tracker", "~tracker"},
                                                {NULL, NULL}};
static const struct column_name of_prestashop[] = {{"ID", "id"},
                                                   {"Product ID", "id"},
                                                   {"Active (0/1)", "active"},
                                                   {"Active", "active"},
                                                   {"Name *", "name"},
                                                   {"Name", "name"},
                                                   {"Categories (x,y,z...)", "~categories"},
                                                   {"Categories", "~categories"},
                                                   {"Category", "~categories"},
                                                   {"Price tax included", "price"},
                                                   {"price_tin", "price"},
                                                   {"Price tax excluded or Price tax included", "~price"},
                                                   {"Price tax excluded", "~price"},
                                                   {"Price (tax incl.)", "price"},
                                                   {"Price (tax excl.)", "~price"},
                                                   {"Status", "active"},
                                                   {"Brand", "brand"},
                                                   {"price_tex", "~price"},
                                                   {"Reference #", "sku"},
                                                   {"Reference", "sku"},
                                                   {"Manufacturer", "brand"},
                                                   {"EAN13", "ean13"},
                                                   {"Quantity", "~quantity"},
                                                   {"Visibility", "~visibility"},
                                                   {"Short description", "~short"},
                                                   {"Summary", "~short"},
                                                   {"description_short", "~short"},
                                                   {"Description", "description"},
                                                   {"Tags (x,y,z...)", "~tags"},
                                                   {"Tags", "~tags"},
                                                   {"Image URLs (x,y,z...)", "~images"},
                                                   {"Image", "~images"},
                                                   {"Image URLs", "~images"},
                                                   {"Product available date", "~ignored"},
                                                   {"Product creation date", "~created"},
                                                   {"date_add", "~created"},
                                                   {"Action when out of stock", "~policy"},
                                                   {"out_of_stock", "~policy"},
                                                   {NULL, NULL}};
static const struct column_name of_magento[] = {{"sku", "id"},
                                                {"store_view_code", "~view"},
                                                {"product_type", "~type"},
                                                {"categories", "~paths"},
                                                {"name", "name"},
                                                {"description", "description"},
                                                {"short_description", "~short"},
                                                {"product_online", "~online"},
                                                {"visibility", "~visibility"},
                                                {"price", "price"},
                                                {"special_price", "~sale"},
                                                {"special_price_from_date", "~sale_from"},
                                                {"special_price_to_date", "~sale_to"},
                                                {"configurable_variations", "~variations"},
                                                {"base_image", "image_url"},
                                                {"created_at", "~created"},
                                                {"is_in_stock", "~stock"},
                                                {"additional_attributes", "~attributes"},
                                                {NULL, NULL}};
static const struct column_name of_merchant[] = {{"id", "id"},
                                                 {"item_group_id", "~parent"},
                                                 {"title", "name"},
                                                 {"description", "description"},
                                                 {"link", "url"},
                                                 {"image_link", "image_url"},
                                                 {"image[0].url", "image_url"},
                                                 {"sale_price_effective_date", "~sale_dates"},
                                                 {"visibility", "~visibility"},
                                                 {"price", "price"},
                                                 {"sale_price", "~sale"},
                                                 {"availability", "~availability"},
                                                 {"product_type", "~type"},
                                                 {"google_product_category", "~category"},
                                                 {"brand", "brand"},
                                                 {"summary", "description"}, /* Atom's */
                                                 {"content", "description"},
                                                 {NULL, NULL}};

static const struct {
    const char *name;
    const struct column_name *columns;
} formats[SHOP__MAX] = {
    [SHOP_NONE] = {"a table", NULL},
    [SHOP_WOOCOMMERCE] = {"a WooCommerce export", of_woocommerce},
    [SHOP_SHOPIFY] = {"a Shopify export", of_shopify},
    [SHOP_PRESTASHOP] = {"a PrestaShop export", of_prestashop},
    [SHOP_MAGENTO] = {"a Magento export", of_magento},
    [SHOP_MERCHANT] = {"a catalogue of Google Merchant or Meta", of_merchant},
};

enum { SIGNS = 5 };

/* What a format is known by: all columns that are needed, and one of the others. Exports may have a choice of columns,
 * so a format has several such sets. */
static const struct {
    enum shop_format format;
    const char *needed[SIGNS], *one_of[SIGNS];
} signatures[] = {
    {SHOP_WOOCOMMERCE, {"SKU", "Published", "Name"}, {"Regular price", "Visibility in catalog", "In stock?"}},
    {SHOP_WOOCOMMERCE,
     {"ID", "Type", "Name"},
     {"Regular price", "Visibility in catalog", "In stock?", "Is featured?"}},
    {SHOP_SHOPIFY, {"Title"}, {"Handle", "URL handle"}},
    {SHOP_PRESTASHOP, {NULL}, {"Active (0/1)", "Categories (x,y,z...)", "Price tax excluded", "price_tex"}},
    {SHOP_PRESTASHOP,
     {NULL},
     {"Price tax excluded or Price tax included", "Price (tax incl.)", "Price (tax excl.)"}},
    {SHOP_MAGENTO, {"sku", "name"}, {"store_view_code", "attribute_set_code", "product_online"}},
    {SHOP_MERCHANT,
     {"id", "title"},
     {"availability", "image_link", "item_group_id", "google_product_category"}},
};

static bool has_column(const char *const *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (*columns[i] && table_names_agree(columns[i], name))
            return true;
    }
    return false;
}

static bool has_signature(size_t place, const char *const *columns, size_t count)
{
    const char *const *needed = signatures[place].needed, *const *one_of = signatures[place].one_of;
    bool any = false;
    for (size_t i = 0; i < SIGNS && needed[i]; i++) {
        if (!has_column(columns, count, needed[i]))
            return false;
    }
    for (size_t i = 0; i < SIGNS && one_of[i]; i++)
        any = any || has_column(columns, count, one_of[i]);
    return any;
}

enum shop_format shop_export_recognize(const char *const *columns, size_t count)
{
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        if (has_signature(i, columns, count))
            return signatures[i].format;
    }
    return SHOP_NONE;
}

const char *shop_export_name(enum shop_format format)
{
    return format < SHOP__MAX ? formats[format].name : "?";
}

/* Of two columns with one name the first stays; so a column that a shop has added cannot shadow the system's. */
void shop_export_name_columns(enum shop_format format, const char **columns, size_t count)
{
    if (format == SHOP_NONE)
        return;
    for (const struct column_name *known = formats[format].columns; known->column; known++) {
        for (size_t i = 0; i < count; i++) {
            if (!*columns[i] || !table_names_agree(columns[i], known->column))
                continue;
            bool taken = false;
            for (size_t j = 0; j < count; j++)
                taken = taken || (j != i && !strcmp(columns[j], known->name));
            columns[i] = taken ? "" : known->name;
            break;
        }
    }
}

const char *shop_export_key(const char *name)
{
    static const struct column_name keys[] = {
        {"~type", "category"},         {"~category", "category"}, {"~paths", "category"},
        {"~categories", "category"},   {"~tags", "tags"},         {"~images", "image_url"},
        {"~stock", "in_stock"},        {"~quantity", "in_stock"}, {"~sale", "price"},
        {"~availability", "in_stock"}, {"~price", "price"},       {NULL, NULL}};
    const struct column_name *known = keys;
    while (known->column && strcmp(known->column, name))
        known++;
    return known->name;
}
