/* Whom or what a request is about: a user, or the item that a list is to be like.
 *
 * Users and items have ids of their own kinds, which in many shops overlap: customer 15030 is not article
 * 15030. So the type travels with the id all the way from the parameters to the logs, and whatever looks a
 * request up (an export, an erasure, rotation) goes by both. Events are done by users only; there an id is
 * enough. */
#ifndef PALATE_BASE_ENTITY_H
#define PALATE_BASE_ENTITY_H

#include <stddef.h>

#include <stdbool.h>

enum entity_type { ENTITY_USER, ENTITY_ITEM };

struct entity {
    enum entity_type type;
    const char *id;  /* NULL: the request names neither */
    bool is_visitor; /* a user, named by anonymous_id, not by user_id: the shop does not know who it is */
};

/* How a user was named, as the database has it. */
static inline const char *named_as(bool is_visitor)
{
    return is_visitor ? "visitor" : "user";
}

/* "User" or "Item", in parameters, answers and the database alike. */
static inline const char *entity_type_name(enum entity_type type)
{
    return type == ENTITY_ITEM ? "Item" : "User";
}

/* The id of a user; NULL when it is an item's, or there is none. */
static inline const char *entity_user_id(struct entity entity)
{
    return entity.type == ENTITY_USER ? entity.id : NULL;
}

#endif
