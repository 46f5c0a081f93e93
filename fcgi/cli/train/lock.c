/* The locks of a training; see lock.h.
 *
 * Two trainings of one tenant would write the same file and take the same number for it. They may run on one
 * machine or on two, so there are two locks. The database's (GET_LOCK) is seen by every machine, but is gone
 * with the connection: a server that is restarted, or that drops what lies idle, sets it free while the
 * training computes on. The file's is seen by those that write into the same directory, where two at once
 * would do harm, and lasts as long as the process, however that ends.
 *
 * One file serves all tenants: each locks the byte with its number. The lock is of the open file and not of
 * the process (F_OFD_SETLK), and the file stays when the lock goes: to remove it would let a third one lock a
 * new file beside somebody who still waits with the old one. It is nobody's to read but the trainer's, since
 * whoever can open it can lock it. Made by root, it becomes the directory's owner's, as whom cron trains. */
#include "cli/train/lock.h"

#include "cli/command.h"
#include "storage/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_SECONDS = 5 };

static const char taken_by_another[] = "another `palate train` is at work on the tenant %s; wait for its end";

static void give_to_owner(int fd, const char *directory)
{
    struct stat status;
    if (geteuid() == 0 && stat(directory, &status) == 0 && fchown(fd, status.st_uid, status.st_gid))
        command_say("%s/train.lock stays root's: %s", directory, strerror(errno));
}

/* The descriptor that holds the lock; -1: none, and it has been said why. */
static int lock_file(const char *directory, const struct admin_tenant *tenant)
{
    char path[PATH_MAX];
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = tenant->id, .l_len = 1};
    if ((size_t)snprintf(path, sizeof(path), "%s/train.lock", directory) >= sizeof(path)) {
        command_say("the path of [model] directory is too long");
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        command_say("cannot open %s: %s; it must be of the user that trains", path, strerror(errno));
        return -1;
    }
    give_to_owner(fd, directory);
    if (fcntl(fd, F_OFD_SETLK, &range) == 0)
        return fd;
    if (errno == EAGAIN || errno == EACCES)
        command_say(taken_by_another, tenant->key);
    else
        command_say("cannot lock %s: %s", path, strerror(errno));
    close(fd);
    return -1;
}

bool train_lock_take(struct train_lock *lock, struct session *session, const struct admin_tenant *tenant)
{
    bool taken;
    struct error error = {0};
    *lock = (struct train_lock){.session = session, .fd = -1};
    snprintf(lock->name, sizeof(lock->name), "train.%" PRIu32, tenant->id);
    if (!admin_lock_take(session->db, lock->name, LOCK_SECONDS, &taken, &error)) {
        session_failed(session, &error, "take the lock for training");
        return false;
    }
    if (!taken) {
        command_say(taken_by_another, tenant->key);
        return false;
    }
    lock->fd = lock_file(session->config->model_directory, tenant);
    if (lock->fd < 0)
        admin_lock_release(session->db, lock->name);
    return lock->fd >= 0;
}

void train_lock_release(struct train_lock *lock)
{
    close(lock->fd);
    admin_lock_release(lock->session->db, lock->name);
}
