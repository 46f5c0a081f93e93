/* GET and HEAD of one item; see read.h. */
#include "api/items/read.h"

#include "api/items/input.h"
#include "api/items/json.h"
#include "api/items/lookup.h"
#include "request/entity_tag.h"

#include <inttypes.h>

bool item_read_check(struct worker *worker, struct request *request)
{
    (void)worker;
    return item_input_path_id(request);
}

bool item_read_answer(struct worker *worker, struct request *request)
{
    struct item_row row;
    if (!item_lookup(worker, request, &row, &request->error))
        return false;
    /* The time beside the revision tells an item from another one after a backup was put back. */
    request->etag = arena_format(request->arena, "\"%" PRIu64 "-%" PRId64 "\"", row.revision, row.updated_at);
    request->cache_control = "private, no-cache";
    request->result_count = 1;
    if (entity_tag_is_known(request, request->etag)) {
        request->answer_status = STATUS_NOT_MODIFIED;
        return true;
    }
    struct json_writer *out = json_writer_create(request->arena);
    item_write_open(out, NULL, worker->config, &row);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    return true;
}
