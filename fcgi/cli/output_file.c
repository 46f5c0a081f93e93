/* Files written wholly or not at all; see output_file.h. */
#include "cli/output_file.h"

#include "base/memory.h"
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const struct output_file *output, int number)
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

static int open_temporary(struct output_file *output)
{
    static const char ending[] = ".XXXXXX";
    size_t length = strlen(output->path);
    output->temporary = memory_alloc(length + sizeof(ending), 1);
    memcpy(output->temporary, output->path, length);
    memcpy(output->temporary + length, ending, sizeof(ending));
    return mkostemp(output->temporary, O_CLOEXEC);
}

bool output_file_open(struct output_file *output, const char *path)
{
    *output = (struct output_file){.path = path};
    int fd = is_special(path) ? open(path, O_WRONLY | O_CLOEXEC) : open_temporary(output);
    output->stream = fd < 0 ? NULL : fdopen(fd, "w");
    if (output->stream)
        return true;
    fail(output, errno);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && output->temporary)
        unlink(output->temporary);
    memory_free(output->temporary);
    return false;
}

void output_file_abandon(struct output_file *output)
{
    if (output->stream)
        fclose(output->stream);
    if (output->temporary)
        unlink(output->temporary);
    memory_free(output->temporary);
    *output = (struct output_file){.path = output->path};
}

/* The name is as lasting as the bytes only when the folder is written, too. */
static void sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    memory_free(folder);
}

/* 0 or an errno. */
static int settle(struct output_file *output)
{
    mode_t mask = umask(0);
    umask(mask);
    if (ferror(output->stream) || fflush(output->stream))
        return errno ? errno : EIO;
    if (output->temporary && (fsync(fileno(output->stream)) || fchmod(fileno(output->stream), 0666 & ~mask)))
        return errno;
    int closed = fclose(output->stream);
    output->stream = NULL;
    if (closed || (output->temporary && rename(output->temporary, output->path)))
        return errno;
    return 0;
}

bool output_file_commit(struct output_file *output)
{
    errno = 0;
    int number = settle(output);
    if (number) {
        output_file_abandon(output);
        return fail(output, number);
    }
    if (output->temporary)
        sync_folder(output->path);
    memory_free(output->temporary);
    output->temporary = NULL;
    return true;
}
