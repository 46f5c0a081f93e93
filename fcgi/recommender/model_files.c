/* Where models lie; see model_files.h. */
#include "recommender/model_files.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool model_files_path(const char *directory, uint32_t tenant_id, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/tenant-%u.palate", directory, tenant_id);
    return length > 0 && (size_t)length < size;
}

int64_t model_files_written(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec : 0;
}

int64_t model_files_newest(const char *directory)
{
    static const char begin[] = "tenant-", end[] = ".palate";
    char path[PATH_MAX];
    int64_t newest = 0;
    DIR *folder = opendir(directory);
    for (struct dirent *file; folder && (file = readdir(folder));) {
        const char *dot = strrchr(file->d_name, '.');
        if (strncmp(file->d_name, begin, sizeof(begin) - 1) || !dot || strcmp(dot, end) ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", directory, file->d_name) >= sizeof(path))
            continue;
        int64_t written = model_files_written(path);
        newest = written > newest ? written : newest;
    }
    if (folder)
        closedir(folder);
    return newest;
}
