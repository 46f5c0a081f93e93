/* Records with checksums, one behind the other; see journal.h.
 *
 * A shared host kills a process after some minutes, so a training must be able to go on where the last one
 * was cut off, whatever the moment. The journal is a sequence of records, each
 *
 *     tag (8 bytes), size (8), CRC-32 of the bytes (4), CRC-32 of these three (4), then the bytes
 *
 * written bytes first and head last: until the head is there, there is no record. Reading goes through the
 * file in the order in which it was written; a record whose tag is not the expected one, or whose checksums
 * do not fit, ends what is known, and writing there cuts off the rest. A kill costs the record that was being
 * written.
 *
 * The file is locked while it is open (flock), so that two trainings of a tenant cannot write it. The lock
 * belongs to the open file: after taking it, the file may have been removed by its last owner, which shows by
 * a link count of 0, and then it is opened again.
 *
 * Buffers of 64 KiB both ways, since records are written a few bytes at a time. Nothing is synced before the
 * close: after a power cut the checksums find what is missing, and the training is repeated from there. */
#include "training/slices/journal.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_BYTES = 1 << 16, WRITE_MAX = 1 << 30 };

/* Before the bytes of each record; little-endian like all that the trainer writes. */
struct record_head {
    uint64_t tag;
    uint64_t size;
    uint32_t checksum; /* of the bytes */
    uint32_t head_checksum;
};

struct trainer_journal {
    int descriptor;
    char *path;
    uint64_t place;  /* of the next record */
    uint64_t inside; /* where in the record that is read or written */
    uint64_t tag;    /* of the record that is written */
    uint32_t checksum;
    int error;
    uint64_t buffer_place; /* in the file, of what is in the buffer */
    size_t buffer_size;
    unsigned char buffer[BUFFER_BYTES]; /* read ahead, or not written yet */
};

/* The descriptor of the locked file that has this name, or -1 with errno. */
static int open_locked(const char *path)
{
    for (;;) {
        struct stat status;
        int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor < 0)
            return -1;
        bool locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor, &status) == 0;
        if (locked && status.st_nlink)
            return descriptor;
        int saved = errno;
        close(descriptor);
        errno = saved;
        if (!locked)
            return -1;
        /* else: its last owner removed it in between */
    }
}

struct trainer_journal *journal_open(const char *path, int *error)
{
    int descriptor = open_locked(path);
    if (descriptor < 0) {
        *error = errno;
        return NULL;
    }
    struct trainer_journal *journal = memory_alloc(1, sizeof(*journal));
    journal->descriptor = descriptor;
    journal->path = memory_copy_text(path);
    return journal;
}

void journal_close(struct trainer_journal *journal)
{
    if (!journal)
        return;
    fsync(journal->descriptor);
    close(journal->descriptor);
    memory_free(journal->path);
    memory_free(journal);
}

void journal_remove(struct trainer_journal *journal)
{
    unlink(journal->path);
    journal_close(journal);
}

uint64_t journal_place(const struct trainer_journal *journal)
{
    return journal->place;
}

void journal_go_back(struct trainer_journal *journal, uint64_t place)
{
    journal->place = place;
}

int journal_error(const struct trainer_journal *journal)
{
    return journal->error;
}

/* ---- reading */

static bool read_at(struct trainer_journal *journal, uint64_t place, void *bytes, size_t size)
{
    char *target = bytes;
    while (size) {
        ssize_t count = pread(journal->descriptor, target, size, (off_t)place);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        target += count;
        place += (uint64_t)count;
        size -= (size_t)count;
    }
    return true;
}

static uint32_t checksum_of_head(const struct record_head *head)
{
    return (uint32_t)crc32_z(0, (const void *)head, offsetof(struct record_head, head_checksum));
}

static bool is_whole(struct trainer_journal *journal, const struct record_head *head)
{
    unsigned char *buffer = journal->buffer;
    uint64_t place = journal->place + sizeof(*head), left = head->size;
    uint32_t checksum = 0;
    while (left) {
        size_t size = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
        if (!read_at(journal, place, buffer, size))
            return false;
        checksum = (uint32_t)crc32_z(checksum, buffer, size);
        place += size;
        left -= size;
    }
    return checksum == head->checksum;
}

bool journal_enter(struct trainer_journal *journal, uint64_t tag, uint64_t *size)
{
    struct record_head head;
    if (!read_at(journal, journal->place, &head, sizeof(head)) ||
        head.head_checksum != checksum_of_head(&head) || head.tag != tag || !is_whole(journal, &head))
        return false;
    journal->inside = journal->place + sizeof(head);
    journal->place = journal->inside + head.size;
    journal->buffer_size = 0;
    *size = head.size;
    return true;
}

/* Reads ahead, as far as the record goes. */
static bool fill_buffer(struct trainer_journal *journal)
{
    uint64_t left = journal->place - journal->inside;
    journal->buffer_place = journal->inside;
    journal->buffer_size = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
    return read_at(journal, journal->buffer_place, journal->buffer, journal->buffer_size);
}

void journal_read(struct trainer_journal *journal, void *bytes, size_t size)
{
    char *target = bytes;
    bool good = size <= journal->place - journal->inside;
    if (good && size >= BUFFER_BYTES) {
        good = read_at(journal, journal->inside, bytes, size);
        journal->inside += size;
        size = 0;
    }
    while (good && size) {
        uint64_t ahead = journal->buffer_place + journal->buffer_size;
        if (!journal->buffer_size || journal->inside < journal->buffer_place || journal->inside >= ahead)
            good = fill_buffer(journal);
        size_t offset = (size_t)(journal->inside - journal->buffer_place);
        size_t count = journal->buffer_size - offset < size ? journal->buffer_size - offset : size;
        memcpy(target, journal->buffer + offset, count);
        target += count;
        journal->inside += count;
        size -= count;
    }
    if (!good) {
        memset(target, 0, size);
        journal->error = journal->error ? journal->error : EIO;
    }
}

/* ---- writing */

static void write_at(struct trainer_journal *journal, uint64_t place, const void *bytes, size_t size)
{
    const char *source = bytes;
    while (size && !journal->error) {
        ssize_t count =
            pwrite(journal->descriptor, source, size < WRITE_MAX ? size : WRITE_MAX, (off_t)place);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            journal->error = count < 0 ? errno : EIO;
            break;
        }
        source += count;
        place += (uint64_t)count;
        size -= (size_t)count;
    }
}

void journal_begin(struct trainer_journal *journal, uint64_t tag)
{
    if (!journal->error && ftruncate(journal->descriptor, (off_t)journal->place) != 0)
        journal->error = errno;
    journal->tag = tag;
    journal->inside = journal->place + sizeof(struct record_head);
    journal->checksum = 0;
    journal->buffer_place = journal->inside;
    journal->buffer_size = 0;
}

static void flush_buffer(struct trainer_journal *journal)
{
    write_at(journal, journal->buffer_place, journal->buffer, journal->buffer_size);
    journal->buffer_place = journal->inside;
    journal->buffer_size = 0;
}

void journal_write(struct trainer_journal *journal, const void *bytes, size_t size)
{
    if (!size)
        return;
    journal->checksum = (uint32_t)crc32_z(journal->checksum, bytes, size);
    if (size > BUFFER_BYTES - journal->buffer_size)
        flush_buffer(journal);
    if (size > BUFFER_BYTES) {
        write_at(journal, journal->inside, bytes, size);
        journal->buffer_place = journal->inside + size;
    } else {
        memcpy(journal->buffer + journal->buffer_size, bytes, size);
        journal->buffer_size += size;
    }
    journal->inside += size;
}

/* The head comes last: without it there is no record. */
void journal_end(struct trainer_journal *journal)
{
    struct record_head head = {.tag = journal->tag,
                               .size = journal->inside - journal->place - sizeof(head),
                               .checksum = journal->checksum};
    head.head_checksum = checksum_of_head(&head);
    flush_buffer(journal);
    write_at(journal, journal->place, &head, sizeof(head));
    if (!journal->error)
        journal->place = journal->inside;
}
