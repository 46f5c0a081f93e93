/* The version of Palate, in its one place: semantic (semver.org), for people, logs and clients.
 *
 * `palate --version` prints it, each worker writes it to its log when it starts, and the OpenAPI document and
 * the newest heading of CHANGELOG.md must name it (tests/lint, "version"). Formats that must fit together
 * have numbers of their own: the model file's (engine/model_format.h), and the schema's, which is the last
 * file of sql/. */
#ifndef PALATE_BASE_VERSION_H
#define PALATE_BASE_VERSION_H

#define PALATE_VERSION "0.2.0"

#endif
