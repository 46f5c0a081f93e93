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
                                                   {"Price tax excluded", "~price"},
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
                                                 {"price", "price"},
                                                 {"sale_price", "~sale"},
                                                 {"availability", "~availability"},
                                                 {"product_type", "~type"},
                                                 {"google_product_category", "~category"},
                                                 {"brand", "brand"},
                                                 {"summary", "description"}, /* Atom's */
                                                 {"content", "description"},
                                                 {NULL, NULL}};

enum { SIGNS = 3 };

/* What a format is known by: all of these. */
static const struct {
    const char *name;
    const struct column_name *columns;
    const char *needed[SIGNS];     /* each of them */
    const char *one_of[SIGNS + 1]; /* and one of these */
} formats[SHOP__MAX] = {
    [SHOP_NONE] = {"a table", NULL, {NULL}, {NULL}},
    [SHOP_WOOCOMMERCE] = {"a WooCommerce export",
                          of_woocommerce,
                          {"SKU", "Published", "Name"},
                          {"Regular price", "Visibility in catalog", "In stock?"}},
    [SHOP_SHOPIFY] = {"a Shopify export", of_shopify, {"Title"}, {"Handle", "URL handle"}},
    [SHOP_PRESTASHOP] = {"a PrestaShop export",
                         of_prestashop,
                         {NULL},
                         {"Active (0/1)", "Categories (x,y,z...)", "Price tax excluded", "price_tex"}},
    [SHOP_MAGENTO] = {"a Magento export",
                      of_magento,
                      {"sku", "name"},
                      {"store_view_code", "attribute_set_code", "product_online"}},
    [SHOP_MERCHANT] = {"a catalogue of Google Merchant or Meta",
                       of_merchant,
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

static bool is_format(enum shop_format format, const char *const *columns, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < SIGNS && formats[format].needed[i]; i++) {
        if (!has_column(columns, count, formats[format].needed[i]))
            return false;
    }
    for (size_t i = 0; i <= SIGNS && formats[format].one_of[i]; i++)
        any = any || has_column(columns, count, formats[format].one_of[i]);
    return any;
}

enum shop_format shop_export_recognize(const char *const *columns, size_t count)
{
    for (enum shop_format format = SHOP_NONE + 1; format < SHOP__MAX; format++) {
        if (is_format(format, columns, count))
            return format;
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
