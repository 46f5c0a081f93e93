/* Opens a delta file: proves header and sizes, then maps; and looks up what is in it. See delta.h.
 *
 * The problem: what changed since the model was held on the heap of every worker, 50,000 items of a kilobyte
 * as 200 MB in each, and read from the database row by row by each new one. The idea is the model's: a file
 * that is laid out as it is used, mapped read-only and shared through the page cache. It is the middle level
 * of a log-structured merge tree (O'Neil et al., 1996): below it the model, which a training makes, above it
 * the few changes that a worker has on its own heap (catalogue.c), and merging the upper two into the next
 * delta (delta_write.c) is a copy from beginning to end.
 *
 * All is found without unpacking. An item of the model: a bit says whether it is here, and a count of the bits
 * before gives its number (a rank directory; Jacobson, "Space-efficient Static Trees and Graphs", FOCS 1989).
 * An added item: by a table of its id's hash, open addressing with linear probing, at most half full; a slot
 * holds the place among the added items + 1, or 0. Each file has a key for this hash, so that ids cannot be
 * chosen to collide.
 *
 * Cost: opening reads the header and maps, whatever the size. What can be wrong with a file is as with a model
 * (model.c): sizes are proven before it is mapped, offsets checked at each use. There is no checksum of the
 * body, which would have to be read for it: the file is a cache on this machine, renamed when it is whole, and
 * not used after a crash, which alone could leave a part of it, as the number of the boot is in its header. */
#include "engine/delta.h"

#include "base/checked_math.h"
#include "base/hash.h"
#include "base/memory.h"
#include "engine/delta_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char *const error_texts[DELTA_ERROR__MAX] = {
    [DELTA_OK] = "the delta is in order",
    [DELTA_CANNOT_OPEN] = "the delta file cannot be read",
    [DELTA_NOT_A_FILE] = "the delta is not a regular file",
    [DELTA_NOT_A_DELTA] = "the file is not a delta of this version",
    [DELTA_DAMAGED] = "the delta file is damaged",
    [DELTA_OTHER_BOOT] = "the delta file is older than the machine's last start",
    [DELTA_OTHER_ORIGIN] = "the delta file was made from other data or another model",
};

const char *delta_error_text(enum delta_error error)
{
    return (unsigned)error < DELTA_ERROR__MAX ? error_texts[error] : "unknown delta error";
}

/* ---- What it belongs to */

/* A text of random hexadecimal digits that the kernel makes at its start. */
uint64_t delta_boot(void)
{
    char text[64];
    int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t length = read(descriptor, text, sizeof(text));
    close(descriptor);
    return length > 0 ? hash_finish(hash_bytes(HASH_START, text, (size_t)length)) : 0;
}

struct delta_origin delta_origin_of(enum delta_kind kind, uint64_t catalogue_key, const struct model *model,
                                    uint64_t boot)
{
    return (struct delta_origin){
        .catalogue_key = catalogue_key,
        .model_identity = model ? model_identity(model) : 0,
        .boot = boot,
        .model_items = model ? model_item_count(model) : 0,
        .kind = kind,
    };
}

static enum delta_error check_origin(const struct delta_header *found, const struct delta_origin *wanted)
{
    if (!wanted->boot || found->boot != wanted->boot)
        return DELTA_OTHER_BOOT;
    bool same = found->catalogue_key == wanted->catalogue_key &&
                found->model_identity == wanted->model_identity &&
                found->model_items == wanted->model_items && found->kind == wanted->kind;
    return same ? DELTA_OK : DELTA_OTHER_ORIGIN;
}

/* ---- Opening */

static bool has_good_checksum(const struct delta_header *header)
{
    struct delta_header copy = *header;
    copy.checksum = 0;
    return crc32_z(0, (const unsigned char *)&copy, sizeof(copy)) == header->checksum;
}

/* Each in its place behind the one before, so that none overlap. */
static bool sections_fit(const struct delta_header *header)
{
    uint64_t end = sizeof(*header);
    for (int i = 0; i < DELTA_SECTION__MAX; i++) {
        const struct delta_section *section = &header->sections[i];
        if (section->offset % DELTA_ALIGNMENT || section->offset < end ||
            !checked_add(section->offset, section->bytes, &end) || end > header->total_bytes)
            return false;
    }
    return true;
}

/* Is the section count things of size bytes long? */
static bool has_size(const struct delta_section *section, uint64_t count, uint64_t size)
{
    uint64_t bytes;
    return checked_multiply(count, size, &bytes) && bytes == section->bytes;
}

static bool words_fit(const struct delta_section *s)
{
    uint64_t words = s[DELTA_SECTION_WORD_TEXTS].bytes / sizeof(uint64_t);
    uint64_t postings = s[DELTA_SECTION_WORD_ITEMS].bytes / sizeof(uint32_t);
    return words < UINT32_MAX && has_size(&s[DELTA_SECTION_WORD_TEXTS], words, sizeof(uint64_t)) &&
           has_size(&s[DELTA_SECTION_WORD_MASKS], words, sizeof(uint32_t)) &&
           has_size(&s[DELTA_SECTION_WORD_STARTS], words + 1, sizeof(uint64_t)) &&
           has_size(&s[DELTA_SECTION_WORD_ITEMS], postings, sizeof(uint32_t)) &&
           has_size(&s[DELTA_SECTION_WORD_WEIGHTS], postings, sizeof(uint8_t));
}

/* Is each section as long as the counts in the header, or its partner, demand? */
static bool counts_fit(const struct delta_header *header)
{
    const struct delta_section *s = header->sections;
    uint64_t items = (uint64_t)header->override_count + header->added_count;
    uint64_t indices = (uint64_t)header->model_items + header->added_count;
    uint64_t slots = s[DELTA_SECTION_ID_SLOTS].bytes / sizeof(uint32_t);
    return items < UINT32_MAX && indices < UINT32_MAX && header->change_count <= items &&
           header->override_count <= header->model_items &&
           has_size(&s[DELTA_SECTION_ITEMS], items, sizeof(struct delta_item)) &&
           has_size(&s[DELTA_SECTION_MARKS], (uint64_t)header->model_items / 64 + 1,
                    sizeof(struct delta_marks)) &&
           has_size(&s[DELTA_SECTION_ID_SLOTS], slots, sizeof(uint32_t)) && !(slots & (slots - 1)) &&
           s[DELTA_SECTION_FIELDS].bytes % sizeof(struct delta_field) == 0 &&
           has_size(&s[DELTA_SECTION_VECTORS], items, ENGINE_VECTOR_SIZE * sizeof(float)) &&
           has_size(&s[DELTA_SECTION_EMBEDDINGS], items, ENGINE_VECTOR_SIZE * sizeof(float)) &&
           words_fit(s) && s[DELTA_SECTION_STRINGS].bytes > 0;
}

static enum delta_error check_header(const struct delta_header *header, ssize_t length, uint64_t file_bytes,
                                     const struct delta_origin *origin)
{
    if (length != (ssize_t)sizeof(*header) || memcmp(header->magic, DELTA_MAGIC, DELTA_MAGIC_BYTES) != 0 ||
        header->version != DELTA_FORMAT_VERSION || header->header_bytes != sizeof(*header))
        return DELTA_NOT_A_DELTA;
    if (!has_good_checksum(header) || header->total_bytes != file_bytes || !sections_fit(header) ||
        !counts_fit(header))
        return DELTA_DAMAGED;
    return check_origin(header, origin);
}

static void set_words(struct delta *delta, const struct delta_section *s)
{
    delta->words = (struct word_index){
        .strings = (const char *)(delta->bytes + s[DELTA_SECTION_STRINGS].offset),
        .string_bytes = s[DELTA_SECTION_STRINGS].bytes,
        .texts = (const void *)(delta->bytes + s[DELTA_SECTION_WORD_TEXTS].offset),
        .masks = (const void *)(delta->bytes + s[DELTA_SECTION_WORD_MASKS].offset),
        .count = (uint32_t)(s[DELTA_SECTION_WORD_TEXTS].bytes / sizeof(uint64_t)),
        .starts = (const void *)(delta->bytes + s[DELTA_SECTION_WORD_STARTS].offset),
        .items = (const void *)(delta->bytes + s[DELTA_SECTION_WORD_ITEMS].offset),
        .weights = (const void *)(delta->bytes + s[DELTA_SECTION_WORD_WEIGHTS].offset),
        .posting_count = s[DELTA_SECTION_WORD_ITEMS].bytes / sizeof(uint32_t),
    };
}

static void set_sections(struct delta *delta, const struct delta_section *s)
{
    const unsigned char *bytes = delta->bytes;
    delta->items = (const void *)(bytes + s[DELTA_SECTION_ITEMS].offset);
    delta->item_count = delta->header.override_count + delta->header.added_count;
    delta->marks = (const void *)(bytes + s[DELTA_SECTION_MARKS].offset);
    delta->id_slots = (const void *)(bytes + s[DELTA_SECTION_ID_SLOTS].offset);
    delta->id_slot_count = s[DELTA_SECTION_ID_SLOTS].bytes / sizeof(uint32_t);
    delta->fields = (const void *)(bytes + s[DELTA_SECTION_FIELDS].offset);
    delta->field_count = s[DELTA_SECTION_FIELDS].bytes / sizeof(struct delta_field);
    delta->vectors = (const void *)(bytes + s[DELTA_SECTION_VECTORS].offset);
    delta->embeddings = (const void *)(bytes + s[DELTA_SECTION_EMBEDDINGS].offset);
    set_words(delta, s);
}

static enum delta_error map_file(int descriptor, const struct stat *status, const struct delta_header *header,
                                 struct delta **result)
{
    void *bytes = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (bytes == MAP_FAILED)
        return DELTA_CANNOT_OPEN;
    struct delta *delta = memory_alloc(1, sizeof(*delta));
    delta->header = *header;
    delta->bytes = bytes;
    delta->device = status->st_dev;
    delta->inode = status->st_ino;
    delta->modified = status->st_mtim;
    set_sections(delta, header->sections);
    if (delta->words.strings[delta->words.string_bytes - 1] != '\0') {
        delta_close(delta);
        return DELTA_DAMAGED;
    }
    *result = delta;
    return DELTA_OK;
}

static enum delta_error open_descriptor(int descriptor, const struct delta_origin *origin,
                                        struct delta **delta)
{
    struct stat status;
    struct delta_header header;
    ssize_t length;
    if (fstat(descriptor, &status) != 0)
        return DELTA_CANNOT_OPEN;
    if (!S_ISREG(status.st_mode))
        return DELTA_NOT_A_FILE;
    do
        length = pread(descriptor, &header, sizeof(header), 0);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return DELTA_CANNOT_OPEN;
    enum delta_error error = check_header(&header, length, (uint64_t)status.st_size, origin);
    return error ? error : map_file(descriptor, &status, &header, delta);
}

enum delta_error delta_open(const char *path, const struct delta_origin *origin, struct delta **delta)
{
    *delta = NULL;
    /* O_NONBLOCK: a FIFO in the file's place must not hang the worker. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return errno == ENXIO ? DELTA_NOT_A_FILE : DELTA_CANNOT_OPEN; /* ENXIO: a socket */
    enum delta_error error = open_descriptor(descriptor, origin, delta);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return error;
}

void delta_close(struct delta *delta)
{
    if (!delta)
        return;
    munmap((void *)(uintptr_t)delta->bytes, (size_t)delta->header.total_bytes);
    memory_free(delta);
}

bool delta_is_current(const struct delta *delta, const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == delta->device && status.st_ino == delta->inode &&
           (uint64_t)status.st_size == delta->header.total_bytes &&
           status.st_mtim.tv_sec == delta->modified.tv_sec &&
           status.st_mtim.tv_nsec == delta->modified.tv_nsec;
}

/* ---- Reading */

uint64_t delta_bytes(const struct delta *delta)
{
    return delta->header.total_bytes;
}

uint32_t delta_change_count(const struct delta *delta)
{
    return delta->header.change_count;
}

struct delta_state delta_state(const struct delta *delta)
{
    return (struct delta_state){
        .revision = delta->header.revision,
        .is_full = delta->header.is_full,
        .popularity_read_at = delta->header.popularity_read_at,
    };
}

const char *delta_text(const struct delta *delta, uint64_t offset)
{
    return offset < delta->words.string_bytes ? delta->words.strings + offset : "";
}

const struct delta_field *delta_item_fields(const struct delta *delta, const struct delta_item *item,
                                            size_t *count)
{
    bool inside = item->field_first <= delta->field_count &&
                  item->field_count <= delta->field_count - item->field_first;
    *count = inside ? item->field_count : 0;
    return inside ? delta->fields + item->field_first : delta->fields;
}

uint64_t delta_hash_id(uint64_t key, const char *id, size_t length)
{
    return hash_finish(hash_bytes(HASH_START ^ key, id, length) ^ key);
}

/* Ends in a damaged file, too: after as many probes as there are slots. */
bool delta_find_added(const struct delta *delta, const char *id, size_t length, uint32_t *number)
{
    uint64_t mask = delta->id_slot_count - 1, slot = delta_hash_id(delta->header.id_key, id, length);
    if (memchr(id, '\0', length))
        return false; /* strncmp() would stop there, and no id holds one */
    for (uint64_t tries = 0; tries < delta->id_slot_count; tries++, slot++) {
        uint32_t place = delta->id_slots[slot & mask];
        if (!place || place > delta->header.added_count)
            return false;
        uint32_t found = delta->header.override_count + place - 1;
        const char *known = delta_text(delta, delta->items[found].id);
        if (strncmp(known, id, length) == 0 && known[length] == '\0') {
            *number = found;
            return true;
        }
    }
    return false;
}
