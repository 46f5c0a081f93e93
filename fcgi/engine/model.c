/* Opens a model file: proves header, section table and sizes, then maps; see model.h.
 *
 * The problem: every worker needs the whole model, hundreds of megabytes, at its first request and without a
 * copy of its own. The idea is that of LMDB and sparkey: the file is laid out as it is used, mapped
 * read-only, and shared by all workers through the page cache. Opening takes 0.1 ms, whatever its size
 * (docs/engine.md), because nothing is read but the header and the table.
 *
 * A file is foreign: it may be cut short, damaged, of another version or machine. So all that opening relies
 * on is proven, in this order and before mmap(): a regular file; magic, byte order and version; the header's
 * checksum; the size against fstat() of the open descriptor; each section once, aligned, inside the file and
 * not overlapping; each size equal to what the counts demand, in arithmetic that cannot overflow
 * (base/checked_math.h). After mapping, the last byte of the strings must be zero. Then no access within a
 * section can leave the file, and model_access.c checks each value that leads elsewhere when it is used.
 *
 * The body's checksum is not compared when opening: that would read every page
 * of the file at each start, and most of them may never be used. `palate doctor` and the tool do it with
 * model_verify().
 *
 * What is not covered: a file that is changed in place while it is mapped. Writers replace it by rename(). */
#include "engine/model.h"

#include "base/checked_math.h"
#include "base/memory.h"
#include "engine/item.h"
#include "engine/model_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is read in place");

enum { HEADER_BYTES = sizeof(struct model_header) + MODEL_SECTION__MAX * sizeof(struct model_section) };

static const char *const error_texts[MODEL_ERROR__MAX] = {
    [MODEL_OK] = "the model is in order",
    [MODEL_CANNOT_OPEN] = "the model file cannot be read",
    [MODEL_NOT_A_FILE] = "the model is not a regular file",
    [MODEL_TOO_SHORT] = "the model file is too short for its header",
    [MODEL_BAD_MAGIC] = "the file is not a Palate model",
    [MODEL_WRONG_BYTE_ORDER] = "the model file has the wrong byte order",
    [MODEL_UNSUPPORTED_VERSION] = "the model file has another format version: train again",
    [MODEL_BAD_HEADER_SIZE] = "the model file's header has a wrong size",
    [MODEL_BAD_HEADER_CHECKSUM] = "the model file's header is damaged: train again",
    [MODEL_SIZE_MISMATCH] = "the model file does not have the size that its header says: train again",
    [MODEL_BAD_VECTOR_SIZE] = "the model file has text vectors of another size: train again",
    [MODEL_UNKNOWN_SECTION] = "the model file has a section of an unknown kind",
    [MODEL_DUPLICATE_SECTION] = "the model file has a section twice",
    [MODEL_SECTION_MISALIGNED] = "a section of the model file is misaligned",
    [MODEL_SECTION_OUT_OF_BOUNDS] = "a section of the model file is out of bounds",
    [MODEL_SECTION_OVERLAP] = "two sections of the model file overlap",
    [MODEL_COUNT_MISMATCH] = "a section of the model file contradicts its counts",
    [MODEL_STRINGS_NOT_TERMINATED] = "the model file's texts are not terminated",
    [MODEL_BAD_BODY_CHECKSUM] = "the model file is damaged: train again",
};

const char *model_error_text(enum model_error error)
{
    return (unsigned)error < MODEL_ERROR__MAX ? error_texts[error] : "unknown model error";
}

/* What is read before mapping. */
struct preamble {
    struct model_header header;
    struct model_section sections[MODEL_SECTION__MAX];
};
static_assert(sizeof(struct preamble) == HEADER_BYTES, "the table follows the header");

/* Reads up to size bytes from the start; the number read, or -1. pread() may be interrupted or give less than
 * is there, so it is repeated. */
static ssize_t read_start(int descriptor, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = pread(descriptor, (char *)buffer + done, size - done, (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

static uint32_t header_checksum(const struct preamble *preamble)
{
    struct preamble copy = *preamble;
    copy.header.header_crc32 = 0;
    return (uint32_t)crc32_z(0, (const unsigned char *)&copy, sizeof(copy));
}

static enum model_error check_header(const struct preamble *preamble, size_t length, uint64_t file_bytes)
{
    const struct model_header *header = &preamble->header;
    if (length < sizeof(*header))
        return MODEL_TOO_SHORT;
    if (memcmp(header->magic, MODEL_MAGIC, MODEL_MAGIC_BYTES) != 0)
        return MODEL_BAD_MAGIC;
    if (header->byte_order != MODEL_BYTE_ORDER)
        return MODEL_WRONG_BYTE_ORDER;
    if (header->version != MODEL_FORMAT_VERSION)
        return MODEL_UNSUPPORTED_VERSION;
    if (header->section_count != MODEL_SECTION__MAX || header->header_bytes != HEADER_BYTES)
        return MODEL_BAD_HEADER_SIZE;
    if (length < HEADER_BYTES)
        return MODEL_TOO_SHORT;
    if (header->header_crc32 != header_checksum(preamble))
        return MODEL_BAD_HEADER_CHECKSUM;
    if (header->total_bytes != file_bytes)
        return MODEL_SIZE_MISMATCH;
    if (header->vector_size != ENGINE_VECTOR_SIZE)
        return MODEL_BAD_VECTOR_SIZE;
    return MODEL_OK;
}

/* Sorts the table by kind, so that sections[kind] is that section. As many places as kinds: where a kind is
 * missing, another is unknown or there twice. */
static enum model_error sort_sections(struct model_section sections[MODEL_SECTION__MAX])
{
    struct model_section sorted[MODEL_SECTION__MAX];
    bool seen[MODEL_SECTION__MAX] = {false};
    enum model_error error = MODEL_OK;
    for (size_t i = 0; i < MODEL_SECTION__MAX && !error; i++) {
        uint32_t kind = sections[i].kind;
        if (kind >= MODEL_SECTION__MAX) {
            error = MODEL_UNKNOWN_SECTION;
        } else if (seen[kind]) {
            error = MODEL_DUPLICATE_SECTION;
        } else {
            seen[kind] = true;
            sorted[kind] = sections[i];
        }
    }
    if (!error)
        memcpy(sections, sorted, sizeof(sorted));
    return error;
}

static enum model_error check_places(const struct model_section sections[MODEL_SECTION__MAX],
                                     uint64_t file_bytes)
{
    for (size_t i = 0; i < MODEL_SECTION__MAX; i++) {
        uint64_t end;
        if (sections[i].offset % MODEL_ALIGNMENT)
            return MODEL_SECTION_MISALIGNED;
        if (sections[i].offset < HEADER_BYTES || !checked_add(sections[i].offset, sections[i].bytes, &end) ||
            end > file_bytes)
            return MODEL_SECTION_OUT_OF_BOUNDS;
    }
    /* 30 sections: comparing each with each other is as fast as sorting them. */
    for (size_t i = 0; i < MODEL_SECTION__MAX; i++)
        for (size_t j = 0; j < i; j++)
            if (sections[i].offset < sections[j].offset + sections[j].bytes &&
                sections[j].offset < sections[i].offset + sections[i].bytes)
                return MODEL_SECTION_OVERLAP;
    return MODEL_OK;
}

/* Is the section count things of size bytes long? */
static bool has_size(const struct model_section *section, uint64_t count, uint64_t size)
{
    uint64_t bytes;
    return checked_multiply(count, size, &bytes) && bytes == section->bytes;
}

/* How many whole things of size bytes a section has, at most UINT64_MAX when they do not fill it. */
static uint64_t count_entries(const struct model_section *section, uint64_t size)
{
    return section->bytes % size ? UINT64_MAX : section->bytes / size;
}

/* Starts and words are neighbours in enum model_section_kind. */
static bool rows_fit(const struct model_section *sections, uint32_t starts, uint64_t items)
{
    return has_size(&sections[starts], items + 1, sizeof(uint64_t)) &&
           sections[starts + 1].bytes % sizeof(uint32_t) == 0;
}

/* The values of all columns, and the items that have them. */
static bool values_fit(const struct model_section *s)
{
    uint64_t values = count_entries(&s[MODEL_SECTION_COLUMN_TEXTS], sizeof(uint64_t)), starts;
    return has_size(&s[MODEL_SECTION_COLUMN_NUMBERS], values, sizeof(double)) &&
           checked_add(values, 1, &starts) &&
           has_size(&s[MODEL_SECTION_POSTING_STARTS], starts, sizeof(uint64_t)) &&
           s[MODEL_SECTION_POSTING_ITEMS].bytes % sizeof(uint32_t) == 0;
}

static bool words_fit(const struct model_section *s)
{
    uint64_t words = s[MODEL_SECTION_WORD_TEXTS].bytes / sizeof(uint64_t);
    uint64_t items = s[MODEL_SECTION_WORD_ITEMS].bytes / sizeof(uint32_t);
    return words <= UINT32_MAX && has_size(&s[MODEL_SECTION_WORD_TEXTS], words, sizeof(uint64_t)) &&
           has_size(&s[MODEL_SECTION_WORD_MASKS], words, sizeof(uint32_t)) &&
           has_size(&s[MODEL_SECTION_WORD_STARTS], words + 1, sizeof(uint64_t)) &&
           has_size(&s[MODEL_SECTION_WORD_ITEMS], items, sizeof(uint32_t)) &&
           has_size(&s[MODEL_SECTION_WORD_WEIGHTS], items, sizeof(uint8_t));
}

/* Is each section as long as the counts in the header, or its partner, demand? */
static enum model_error check_counts(const struct preamble *preamble)
{
    const struct model_section *s = preamble->sections;
    uint64_t items = preamble->header.item_count, columns = preamble->header.column_count, starts;
    bool good =
        s[MODEL_SECTION_STRINGS].bytes > 0 &&
        has_size(&s[MODEL_SECTION_ITEM_TEXTS], items, sizeof(struct model_item_texts)) &&
        has_size(&s[MODEL_SECTION_ITEM_TIMES], items, sizeof(struct model_item_times)) &&
        has_size(&s[MODEL_SECTION_POPULARITY], items, sizeof(float)) &&
        has_size(&s[MODEL_SECTION_RECENT], items, sizeof(float)) &&
        has_size(&s[MODEL_SECTION_EVENTS], items, sizeof(uint32_t)) &&
        has_size(&s[MODEL_SECTION_COLUMNS], columns, sizeof(struct model_column)) && values_fit(s) &&
        checked_multiply(columns, items + 1, &starts) &&
        has_size(&s[MODEL_SECTION_COLUMN_STARTS], starts, sizeof(uint64_t)) &&
        s[MODEL_SECTION_COLUMN_CODES].bytes % sizeof(uint32_t) == 0 &&
        rows_fit(s, MODEL_SECTION_ROW_STARTS, items) && rows_fit(s, MODEL_SECTION_TRANSITION_STARTS, items) &&
        rows_fit(s, MODEL_SECTION_CONTENT_STARTS, items) &&
        has_size(&s[MODEL_SECTION_TREND], items, sizeof(float)) &&
        has_size(&s[MODEL_SECTION_SETTINGS], 1, sizeof(struct model_settings)) &&
        has_size(&s[MODEL_SECTION_VECTORS], items, ENGINE_VECTOR_SIZE * sizeof(float)) &&
        has_size(&s[MODEL_SECTION_ITEM_VECTORS], items, ENGINE_VECTOR_SIZE * sizeof(float)) &&
        (!s[MODEL_SECTION_TEXT_MAP].bytes || s[MODEL_SECTION_TEXT_MAP].bytes == ITEM_VECTOR_MAP_BYTES) &&
        words_fit(s);
    return good ? MODEL_OK : MODEL_COUNT_MISMATCH;
}

static struct model_rows rows_at(const unsigned char *bytes, const struct model_section *sections,
                                 uint32_t starts)
{
    return (struct model_rows){
        .starts = (const void *)(bytes + sections[starts].offset),
        .words = (const void *)(bytes + sections[starts + 1].offset),
        .word_count = sections[starts + 1].bytes / sizeof(uint32_t),
    };
}

/* value where it is within low..high (NAN is not), else otherwise. */
static float take_within(float value, float low, float high, float otherwise)
{
    return value >= low && value <= high ? value : otherwise;
}

/* A damaged value becomes a harmless one. */
static void set_settings(struct model *model, const struct model_settings *settings)
{
    model->settings = (struct model_settings){
        .history_half_life = take_within(settings->history_half_life, 0, 1e6f, 0),
        .transition_recency = take_within(settings->transition_recency, 0, 1, 0),
        .content_kappa = take_within(settings->content_kappa, 1e-3f, 1e6f, 1),
        .content_weight = take_within(settings->content_weight, 0, 1e6f, 0),
    };
}

static void set_words(struct model *model, const struct model_section *s)
{
    model->words = (struct word_index){
        .strings = model->strings,
        .string_bytes = model->string_bytes,
        .texts = (const void *)(model->bytes + s[MODEL_SECTION_WORD_TEXTS].offset),
        .masks = (const void *)(model->bytes + s[MODEL_SECTION_WORD_MASKS].offset),
        .count = (uint32_t)(s[MODEL_SECTION_WORD_TEXTS].bytes / sizeof(uint64_t)),
        .starts = (const void *)(model->bytes + s[MODEL_SECTION_WORD_STARTS].offset),
        .items = (const void *)(model->bytes + s[MODEL_SECTION_WORD_ITEMS].offset),
        .weights = (const void *)(model->bytes + s[MODEL_SECTION_WORD_WEIGHTS].offset),
        .posting_count = s[MODEL_SECTION_WORD_ITEMS].bytes / sizeof(uint32_t),
    };
}

static void set_sections(struct model *model, const struct model_section *s)
{
    const unsigned char *bytes = model->bytes;
    for (int kind = 0; kind < MODEL_SECTION__MAX; kind++)
        model->section_bytes[kind] = s[kind].bytes;
    model->strings = (const char *)(bytes + s[MODEL_SECTION_STRINGS].offset);
    model->string_bytes = s[MODEL_SECTION_STRINGS].bytes;
    model->item_texts = (const void *)(bytes + s[MODEL_SECTION_ITEM_TEXTS].offset);
    model->item_times = (const void *)(bytes + s[MODEL_SECTION_ITEM_TIMES].offset);
    model->popularity = (const void *)(bytes + s[MODEL_SECTION_POPULARITY].offset);
    model->recent = (const void *)(bytes + s[MODEL_SECTION_RECENT].offset);
    model->events = (const void *)(bytes + s[MODEL_SECTION_EVENTS].offset);
    model->columns = (const void *)(bytes + s[MODEL_SECTION_COLUMNS].offset);
    model->column_texts = (const void *)(bytes + s[MODEL_SECTION_COLUMN_TEXTS].offset);
    model->column_numbers = (const void *)(bytes + s[MODEL_SECTION_COLUMN_NUMBERS].offset);
    model->column_value_count = s[MODEL_SECTION_COLUMN_TEXTS].bytes / sizeof(uint64_t);
    model->column_starts = (const void *)(bytes + s[MODEL_SECTION_COLUMN_STARTS].offset);
    model->column_codes = (const void *)(bytes + s[MODEL_SECTION_COLUMN_CODES].offset);
    model->column_code_count = s[MODEL_SECTION_COLUMN_CODES].bytes / sizeof(uint32_t);
    model->posting_starts = (const void *)(bytes + s[MODEL_SECTION_POSTING_STARTS].offset);
    model->posting_items = (const void *)(bytes + s[MODEL_SECTION_POSTING_ITEMS].offset);
    model->posting_count = s[MODEL_SECTION_POSTING_ITEMS].bytes / sizeof(uint32_t);
    model->rows = rows_at(bytes, s, MODEL_SECTION_ROW_STARTS);
    model->transitions = rows_at(bytes, s, MODEL_SECTION_TRANSITION_STARTS);
    model->contents = rows_at(bytes, s, MODEL_SECTION_CONTENT_STARTS);
    model->trend = (const void *)(bytes + s[MODEL_SECTION_TREND].offset);
    model->evidence = (const char *)(bytes + s[MODEL_SECTION_EVIDENCE].offset);
    model->evidence_bytes = s[MODEL_SECTION_EVIDENCE].bytes;
    set_settings(model, (const void *)(bytes + s[MODEL_SECTION_SETTINGS].offset));
    model->vectors = (const void *)(bytes + s[MODEL_SECTION_VECTORS].offset);
    set_words(model, s);
    model->item_vectors = (const void *)(bytes + s[MODEL_SECTION_ITEM_VECTORS].offset);
    if (s[MODEL_SECTION_TEXT_MAP].bytes)
        model->text_map = (const void *)(bytes + s[MODEL_SECTION_TEXT_MAP].offset);
}

static enum model_error check_preamble(struct preamble *preamble, size_t length, uint64_t file_bytes)
{
    enum model_error error = check_header(preamble, length, file_bytes);
    if (!error)
        error = sort_sections(preamble->sections);
    if (!error)
        error = check_places(preamble->sections, file_bytes);
    if (!error)
        error = check_counts(preamble);
    return error;
}

static enum model_error map_file(int descriptor, const struct stat *status, const struct preamble *preamble,
                                 struct model **result)
{
    void *bytes = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (bytes == MAP_FAILED)
        return MODEL_CANNOT_OPEN;
    struct model *model = memory_alloc(1, sizeof(*model));
    model->header = preamble->header;
    model->bytes = bytes;
    model->device = status->st_dev;
    model->inode = status->st_ino;
    model->modified = status->st_mtim;
    set_sections(model, preamble->sections);
    if (model->strings[model->string_bytes - 1] != '\0') {
        model_close(model);
        return MODEL_STRINGS_NOT_TERMINATED;
    }
    *result = model;
    return MODEL_OK;
}

static enum model_error open_descriptor(int descriptor, struct model **model)
{
    struct stat status;
    struct preamble preamble;
    memset(&preamble, 0, sizeof(preamble));
    if (fstat(descriptor, &status) != 0)
        return MODEL_CANNOT_OPEN;
    if (!S_ISREG(status.st_mode))
        return MODEL_NOT_A_FILE;
    ssize_t length = read_start(descriptor, &preamble, sizeof(preamble));
    if (length < 0)
        return MODEL_CANNOT_OPEN;
    enum model_error error = check_preamble(&preamble, (size_t)length, (uint64_t)status.st_size);
    return error ? error : map_file(descriptor, &status, &preamble, model);
}

enum model_error model_open(const char *path, struct model **model)
{
    *model = NULL;
    /* O_NONBLOCK: a FIFO in the file's place must not hang the worker. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return errno == ENXIO ? MODEL_NOT_A_FILE : MODEL_CANNOT_OPEN; /* ENXIO: a socket */
    enum model_error error = open_descriptor(descriptor, model);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return error;
}

void model_close(struct model *model)
{
    if (!model)
        return;
    munmap((void *)(uintptr_t)model->bytes, (size_t)model->header.total_bytes);
    memory_free(model);
}

bool model_is_current(const struct model *model, const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == model->device && status.st_ino == model->inode &&
           (uint64_t)status.st_size == model->header.total_bytes &&
           status.st_mtim.tv_sec == model->modified.tv_sec &&
           status.st_mtim.tv_nsec == model->modified.tv_nsec;
}

enum model_error model_verify(const struct model *model)
{
    size_t length = (size_t)model->header.total_bytes - HEADER_BYTES;
    uint32_t checksum = (uint32_t)crc32_z(0, model->bytes + HEADER_BYTES, length);
    return checksum == model->header.body_crc32 ? MODEL_OK : MODEL_BAD_BODY_CHECKSUM;
}
