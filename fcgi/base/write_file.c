/* Files written wholly or not at all; see write_file.h.
 *
 * The order is what counts. rename() replaces a name in one step, but says nothing of the bytes: a file
 * system may write the new name before them, and a power cut then leaves an empty file under the good name.
 * So the bytes are synced before the rename, and after it the folder, which holds the name. The temporary
 * file is in the same folder because rename() does not cross file systems, and is made by mkostemp(), so two
 * writers do not share one. */
#include "base/write_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux writes at most so many bytes at once (write(2)). */
enum { WRITE_MAX = 0x7ffff000 };

bool write_fully(int descriptor, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length) {
        ssize_t written = write(descriptor, at, length < WRITE_MAX ? length : WRITE_MAX);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            errno = written < 0 ? errno : EIO;
            return false;
        }
        at += written;
        length -= (size_t)written;
    }
    return true;
}

/* Returns error. A struct that was released may be abandoned again. */
static int release_file(struct write_file *file, int error)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    memory_free(file->path);
    memory_free(file->temporary);
    *file = (struct write_file){.descriptor = -1};
    return error;
}

int write_file_begin(struct write_file *file, const char *path)
{
    static const char ending[] = ".XXXXXX";
    size_t length = strlen(path);
    *file = (struct write_file){.path = memory_copy_text(path),
                                .temporary = memory_alloc(length + sizeof(ending), 1)};
    memcpy(file->temporary, path, length);
    memcpy(file->temporary + length, ending, sizeof(ending));
    file->descriptor = mkostemp(file->temporary, O_CLOEXEC);
    return file->descriptor >= 0 ? 0 : release_file(file, errno);
}

void write_file_abandon(struct write_file *file)
{
    if (file->temporary)
        unlink(file->temporary);
    release_file(file, 0);
}

/* Cuts the file's name off its path. A folder may be open for writing alone, and some file systems cannot
 * sync one (EINVAL): then the name is as lasting as they make it. */
static int sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
    int descriptor = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    int error = fsync(descriptor) && errno != EINVAL ? errno : 0;
    close(descriptor);
    return error;
}

static int commit_file(struct write_file *file, mode_t mode, bool lasting)
{
    int error = fchmod(file->descriptor, mode) || (lasting && fsync(file->descriptor)) ? errno : 0;
    /* Some file systems, NFS for one, say only now that the disk is full. */
    if (close(file->descriptor) && !error)
        error = errno;
    file->descriptor = -1;
    if (!error && rename(file->temporary, file->path))
        error = errno;
    if (error) {
        write_file_abandon(file);
        return error;
    }
    return release_file(file, lasting ? sync_folder(file->path) : 0);
}

int write_file_commit(struct write_file *file, mode_t mode)
{
    return commit_file(file, mode, true);
}

int write_file_commit_unsynced(struct write_file *file, mode_t mode)
{
    return commit_file(file, mode, false);
}
