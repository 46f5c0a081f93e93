/* Giving up rights; see sandbox.h.
 *
 * The problem: a worker reads bytes of strangers with code in C. If one of them ever takes it over, it should
 * find itself in a process that can do what a worker does and nothing else. Everything is asked of the kernel
 * after the configuration has been read and before the first request is served, in an order that matters:
 * no_new_privs first, without which an unprivileged process may install neither of the others.
 *
 * Landlock (Linux 5.13, landlock(7)) is an allow-list of paths: a ruleset names the rights that it handles,
 * and what no rule allows is denied. All rights of its first version are handled; those of later versions are
 * left alone, so that the same program runs on every kernel that has it. A rule is for a file or for all
 * below a folder, and needs it to exist, so for a path that does not the nearest ancestor is opened, except
 * the root, which would allow everything.
 *
 * seccomp (libseccomp's BPF filter, seccomp(2)) is a deny-list of calls that answers EPERM. An allow-list
 * would be tighter, and break with the next version of a library; what is denied are the doors that no
 * library of ours needs. It cannot look behind pointers, so paths are Landlock's part.
 *
 * What this does not do: limit the network (the database and the remote recommender are reached by it), or
 * memory and time (the web server's part). */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/prctl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

/* ---- Landlock. All rights of its first version; later ones that the kernel does not know are not asked for.
 */

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                                         \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)
#define ALL_RIGHTS  ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static const uint64_t rights_of[] = {
    [SANDBOX_READ] = READ_RIGHTS,
    [SANDBOX_CHANGE] = READ_RIGHTS | WRITE_RIGHTS,
    [SANDBOX_APPEND] = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
};

/* Libraries that are loaded late (names of hosts, authentication of the database), and what they read. */
static const char *const system_paths[] = {"/lib",
                                           "/lib64",
                                           "/usr/lib",
                                           "/usr/lib64",
                                           "/usr/share/zoneinfo",
                                           "/usr/share/ca-certificates",
                                           "/etc/ssl",
                                           "/etc/hosts",
                                           "/etc/host.conf",
                                           "/etc/resolv.conf",
                                           "/etc/nsswitch.conf",
                                           "/etc/gai.conf",
                                           "/etc/services",
                                           "/etc/localtime",
                                           "/run/systemd/resolve",

                                           "/dev/urandom"};

static int landlock_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* The path, or the nearest ancestor that exists; -1 when that is the root, which would allow everything. */
static int open_nearest(const char *path)
{
    char name[4096];
    if (path[0] != '/' || strlen(path) >= sizeof(name))
        return -1;
    snprintf(name, sizeof(name), "%s", path);
    for (;;) {
        int fd = open(name, O_PATH | O_CLOEXEC);
        if (fd >= 0 || errno != ENOENT)
            return fd;
        char *slash = strrchr(name, '/');
        if (slash == name)
            return -1;
        *slash = '\0';
    }
}

static bool allow_path(int ruleset, const char *path, uint64_t rights)
{
    struct stat status;
    int fd = open_nearest(path);
    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode))
        rights &= FILE_RIGHTS;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    bool done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(fd);
    return done;
}

/* The sanitizers look into /proc, and write their reports where log_path= of ASAN_OPTIONS says. */
static void allow_sanitizers(int ruleset)
{
    char folder[1024];
    const char *options = getenv("ASAN_OPTIONS"), *path = options ? strstr(options, "log_path=") : NULL;
    allow_path(ruleset, "/proc", READ_RIGHTS);
    if (!path)
        return;
    path += strlen("log_path=");
    snprintf(folder, sizeof(folder), "%.*s", (int)strcspn(path, ":"), path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    allow_path(ruleset, folder, READ_RIGHTS | WRITE_RIGHTS);
}

/* A log's folder (SANDBOX_APPEND) that cannot be reached is left out. Any other path without a rule would be
 * one that the worker needs and could not open any more: then files stay unrestricted, which the caller
 * reports. */
static bool restrict_files(const struct sandbox_path *paths, size_t count)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_RIGHTS};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (ruleset < 0)
        return false;
    for (size_t i = 0; i < sizeof(system_paths) / sizeof(system_paths[0]); i++) {
        if (access(system_paths[i], F_OK) == 0)
            allow_path(ruleset, system_paths[i], READ_RIGHTS);
    }
    allow_path(ruleset, "/dev/null", FILE_RIGHTS);
    if (SANITIZED)
        allow_sanitizers(ruleset);
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        if (*paths[i].path && !allow_path(ruleset, paths[i].path, rights_of[paths[i].access]))
            done = done && paths[i].access == SANDBOX_APPEND;
    }
    done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

/* ---- seccomp */

/* By name, since not every architecture and kernel has every one. */
static const char *const denied_calls[] = {
    /* other programs and processes */
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd",
    "kcmp",
    /* the system */
    "mount", "umount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "pivot_root", "chroot", "unshare", "setns", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "sethostname",
    "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "acct", "quotactl", "iopl",
    "ioperm", "personality",
    /* wide doors into the kernel that nothing here needs */
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "add_key", "request_key", "keyctl", "open_by_handle_at", "name_to_handle_at", "lookup_dcookie",
    "vmsplice",
    /* another user */
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid",
    "capset",
    /* a door of its own; memory that might be run */
    "listen", "memfd_create", "memfd_secret"};

static bool deny_calls(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof(denied_calls) / sizeof(denied_calls[0]); i++) {
        int number = seccomp_syscall_resolve_name(denied_calls[i]);
        if (number == __NR_SCMP_ERROR || (SANITIZED && !strcmp(denied_calls[i], "ptrace")))
            continue;
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0))
            return false;
    }
    return true;
}

/* Libraries map their code from files; nothing here makes code. */
static bool deny_new_code(scmp_filter_ctx filter)
{
    const uint32_t action = SCMP_ACT_ERRNO(EPERM);
    const struct scmp_arg_cmp runs = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp anonymous = SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS);
    return !seccomp_rule_add(filter, action, SCMP_SYS(mmap), 2, runs, anonymous) &&
           !seccomp_rule_add(filter, action, SCMP_SYS(mprotect), 1, runs) &&
           !seccomp_rule_add(filter, action, SCMP_SYS(pkey_mprotect), 1, runs);
}

static bool restrict_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return false;
    bool done = deny_calls(filter) && deny_new_code(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

/* ---- All of it */

/* A core file, and /proc/PID/mem, would show keys and tokens. */
static void forbid_dumps(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (!SANITIZED)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

bool sandbox_enter(enum sandbox_mode mode, bool files, const struct sandbox_path *paths, size_t count,
                   struct sandbox_report *report, char *problem, size_t problem_size)
{
    *report = (struct sandbox_report){0};
    if (mode == SANDBOX_OFF)
        return true;
    forbid_dumps();
    bool settled = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    report->landlock = settled && files && restrict_files(paths, count);
    report->seccomp = settled && restrict_calls();
    if (mode != SANDBOX_REQUIRED || (report->seccomp && (report->landlock || !files)))
        return true;
    snprintf(problem, problem_size,
             "the sandbox is required, but this system lacks %s; set [worker] sandbox = best-effort or use a "
             "kernel that has it",
             report->seccomp ? "Landlock (Linux 5.13)" : "seccomp filters");
    return false;
}

void sandbox_probe(struct sandbox_report *report)
{
    *report = (struct sandbox_report){.landlock = landlock_version() > 0,
                                      .seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0};
}
