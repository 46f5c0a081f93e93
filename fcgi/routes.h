/* THE route table: what the API answers, on one screen. */
#ifndef PALATE_ROUTES_H
#define PALATE_ROUTES_H

#include "request/request.h"

/* Ends with an entry whose method is NULL. */
extern const struct route routes[];

#endif
