/*
 * conf_dir - a temporary folder with a tandem.conf to load, for tests
 *
 * Owns: the folder, removed at exit. Threads: one. Errors: what the system refuses ends the test run (bail_out).
 */
#ifndef TD_CONF_DIR_H
#define TD_CONF_DIR_H

#include "conf.h"

/* Path of the folder; made at the first call. */
const char *conf_dir(void);
/* Writes a file in it ("tandem.conf", "conf.d/50-x.conf"), making conf.d; NULL removes the file. */
void conf_file(const char *name, const char *text);
/* The same from bytes. */
void conf_bytes(const char *name, const void *p, size_t n);
/* Loads tandem.conf as it is there. NULL: refused. Unref is the caller's. */
struct td_conf *conf_load(void);
/* Writes tandem.conf as text, and loads; text gets sms_domain = "sms.example.com" put in front, on the same line. */
struct td_conf *conf_text(const char *text);
/* True if that text is refused; its words are in conf_error. */
bool conf_refused(const char *text);
/* After a load: the first problem ("" if none) and all reports, one a line, both without the path of the folder. */
const char *conf_error(void);
const char *conf_reports(void);

#endif
