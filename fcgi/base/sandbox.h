/* What a worker gives up once it has what it needs, so that a hole in it stays small.
 *
 * - no_new_privs: nothing it might run gains rights.
 * - Landlock, where the kernel has it: of the file system only the named paths, and the system's own
 * libraries, names of hosts and certificates, for reading; nothing may be executed. Files that are open stay
 * open, and connecting to a socket is not restricted.
 * - seccomp: a deny-list that answers EPERM: running programs, looking into processes, mounting, namespaces,
 *   kernel modules and keys, anonymous or changed memory that is executable, changing user, listening. A
 *   deny-list, because an allow-list breaks with each new version of a library.
 * - No core dumps, and no other process of the same user may look into its memory.
 *
 * It cannot be undone, and holds for the whole process. Sanitizer builds keep what their own checks need:
 * ptrace, /proc, a folder for their reports, and being looked into. */
#ifndef PALATE_BASE_SANDBOX_H
#define PALATE_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum sandbox_mode {
    SANDBOX_OFF,
    SANDBOX_BEST_EFFORT, /* what the kernel offers */
    SANDBOX_REQUIRED,    /* all of it, or failure */
};

enum sandbox_access {
    SANDBOX_READ,
    SANDBOX_CHANGE, /* files below may also be made, written, renamed and removed */
    SANDBOX_APPEND, /* files below may be made and written, no more. One that cannot be reached is left out:
                       it is no reason to go without the sandbox */
};

struct sandbox_path {
    const char
        *path; /* a folder or a file; "" is skipped. One that does not exist yet: its nearest ancestor */
    enum sandbox_access access;
};

/* What is in force; for the log and `palate doctor`. */
struct sandbox_report {
    bool landlock;
    bool seccomp;
};

/* Enters. files false leaves the file system alone. True when the mode's promise is kept; otherwise writes a
 * sentence to problem. In the mode best-effort always true. */
bool sandbox_enter(enum sandbox_mode mode, bool files, const struct sandbox_path *paths, size_t count,
                   struct sandbox_report *report, char *problem, size_t problem_size)
    __attribute__((nonnull(5, 6), warn_unused_result));

/* Whether this kernel could do it, without entering. */
void sandbox_probe(struct sandbox_report *report) __attribute__((nonnull));

#endif
