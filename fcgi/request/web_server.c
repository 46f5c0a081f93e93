/* Who has started this worker; see web_server.h.
 *
 * FastCGI says nothing of the process manager, and what a worker should do at its end depends on it. So it is
 * found out from what the kernel knows: the name of the parent process (/proc/PID/comm) and the name of the
 * socket that is our standard input. Both are read before anything else, while the parent is still the one
 * that started us.
 *
 * prctl(PR_SET_PDEATHSIG) asks for a signal when the parent ends; it may have ended before the call, which
 * getppid() then shows. It is asked for only under servers that are known to stay as long as their workers:
 * spawn-fcgi ends at once, and its workers are meant to go on. */
#include "request/web_server.h"

#include <fastcgi.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void read_name(struct web_server *server)
{
    char path[50];
    snprintf(path, sizeof(path), "/proc/%ld/comm", (long)server->pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fgets(server->name, sizeof(server->name), file))
        server->name[strcspn(server->name, "\n")] = '\0';
    fclose(file);
}

/* A queue is a Unix socket where we can be sure whose it is; TCP sockets and pipes have no name to go by. */
static void read_queue(struct web_server *server)
{
    struct sockaddr_un address = {0};
    socklen_t length = sizeof(address);
    if (getsockname(FCGI_LISTENSOCK_FILENO, (struct sockaddr *)&address, &length) == 0 &&
        address.sun_family == AF_UNIX)
        snprintf(server->queue, sizeof(server->queue), "%.*s", (int)sizeof(address.sun_path),
                 address.sun_path);
}

struct web_server web_server_find(void)
{
    struct web_server server = {.pid = getppid()};
    read_name(&server);
    read_queue(&server);
    return server;
}

bool web_server_end_with(const struct web_server *server)
{
    static const char *const known[] = {"lighttpd", "apache2", "httpd"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcmp(server->name, known[i]) && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0)
            return getppid() == server->pid;
    }
    return true;
}

/* mod_fcgid: DIRECTORY/PID.NUMBER, PID being that of its process manager, which is our parent. */
static bool is_named_after(const char *queue, pid_t pid)
{
    char start[30];
    const char *name = strrchr(queue, '/');
    int length = snprintf(start, sizeof(start), "/%ld.", (long)pid);
    return name && !strncmp(name, start, (size_t)length) && name[length] &&
           strspn(name + length, "0123456789") == strlen(name + length);
}

bool web_server_gives_own_queue(const struct web_server *server)
{
    return *server->queue &&
           (!strcmp(server->name, "lighttpd") || is_named_after(server->queue, server->pid));
}
