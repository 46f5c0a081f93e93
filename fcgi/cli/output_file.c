/* Files written wholly or not at all; see output_file.h.
 *
 * How a file is replaced, by a temporary name, fsync and rename, is in base/write_file.c. Here is what a
 * command needs besides: a stream to write to, messages with the path, and a check before long work, so
 * that an evaluation of an hour does not end with "permission denied".
 *
 * A path that is there and no ordinary file, such as /dev/stdout or a pipe, cannot be replaced and is
 * written to directly. */
#include "cli/output_file.h"

#include "base/memory.h"
#include "base/write_file.h"
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool report_failure(const struct output_file *output, int number)
{
    command_say("cannot write %s: %s", output->path, strerror(number));
    return false;
}

static bool is_special(const char *path)
{
    struct stat status;
    return !stat(path, &status) && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* To be freed. */
static char *folder_of(const char *path)
{
    char *folder = memory_copy_text(path), *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder] = '\0';
        return folder;
    }
    memory_free(folder);
    return memory_copy_text(".");
}

bool output_file_check(const char *path, bool ordinary)
{
    struct stat status;
    bool there = !stat(path, &status);
    if (there && S_ISDIR(status.st_mode)) {
        command_say("cannot write %s: it is a folder", path);
        return false;
    }
    if (there && !S_ISREG(status.st_mode)) {
        if (ordinary)
            command_say("cannot write %s: it is no ordinary file", path);
        return !ordinary;
    }
    char *folder = folder_of(path);
    bool fit = !access(folder, W_OK | X_OK);
    if (!fit)
        command_say("cannot write %s: %s: %s", path, folder, strerror(errno));
    memory_free(folder);
    return fit;
}

/* The stream has a descriptor of its own, because fclose() closes it, while the temporary file stays open
 * until it is synced and renamed. */
bool output_file_open(struct output_file *output, const char *path)
{
    *output = (struct output_file){.path = path, .file.descriptor = -1};
    int error = 0, descriptor = -1;
    if (is_special(path))
        descriptor = open(path, O_WRONLY | O_CLOEXEC);
    else if (!(error = write_file_begin(&output->file, path)))
        descriptor = fcntl(output->file.descriptor, F_DUPFD_CLOEXEC, 0); /* the stream closes its own */
    output->stream = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (output->stream)
        return true;
    report_failure(output, error ? error : errno);
    if (descriptor >= 0)
        close(descriptor);
    write_file_abandon(&output->file);
    return false;
}

void output_file_abandon(struct output_file *output)
{
    if (output->stream)
        fclose(output->stream);
    output->stream = NULL;
    write_file_abandon(&output->file);
}

/* A full disc may show only when the stream is flushed or closed, so that both are looked at before the
 * rename. */
bool output_file_commit(struct output_file *output)
{
    errno = 0;
    bool written = !ferror(output->stream) && !fflush(output->stream);
    int error = written ? 0 : errno ? errno : EIO;
    if (fclose(output->stream) && !error)
        error = errno;
    output->stream = NULL;
    if (error) {
        output_file_abandon(output);
    } else if (output->file.temporary) {
        /* umask() can only be read by setting it. */
        mode_t mask = umask(0);
        umask(mask);
        error = write_file_commit(&output->file, 0666 & ~mask);
    }
    return !error || report_failure(output, error);
}
