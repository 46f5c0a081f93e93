/* After an import of many items: the next delta, so that no worker has to read them all; see share_changes.h.
 *
 * Workers would make it themselves, each after its first answer for the tenant, which would take seconds with some
 * ten thousand new items. Here nobody waits for it but who imports. The file has to be the workers': they use no
 * other user's, and must be able to write the next one. So it is made as the user whom the state file belongs to,
 * and where that is neither this user nor one that root can stand for, or no worker has ever run, workers are
 * left to do it. */
#include "cli/import/share_changes.h"

#include "cli/doctor/access.h"
#include "recommender/catalogues.h"

#include <sys/stat.h>

enum { WORTH_IT = 256 }; /* items; fewer are read in some ten milliseconds */

void import_share_changes(const struct import *import, uint64_t changed)
{
    const struct config *config = import->session->config;
    struct stat status;
    if (changed < WORTH_IT || !*config->limits_state_file || stat(config->limits_state_file, &status) != 0)
        return;
    struct web_user owner = {.uid = status.st_uid, .gid = status.st_gid};
    if (!web_user_enter(&owner))
        return;
    struct tenant tenant = {.id = import->tenant.id,
                            .key = import->tenant.key,
                            .catalogue_key = import->tenant.catalogue_key,
                            .catalogue_revision = import->tenant.revision};
    struct catalogues *catalogues = catalogues_create(config->model_directory, config->limits_state_file);
    catalogues_upkeep(catalogues, import->session->db, &tenant, changed);
    catalogues_destroy(catalogues);
    web_user_leave();
}
