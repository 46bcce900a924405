/*
 * stmt - tables made from the .sql files
 */
#include "stmt.h"

static const struct {
	const char *name;
	const char *text;
} statements[] = {
#define TD_SQL(name, text) { #name, text },
#include "statements.inc"
#include "admin.inc"
#undef TD_SQL
};

const char *td_stmt_text(int stmt)
{
	return statements[stmt].text;
}

const char *td_stmt_name(int stmt)
{
	return statements[stmt].name;
}

const struct td_migration td_migrations[] = {
#define TD_MIGRATION(number, text) { number, text },
#include "schema.inc"
#undef TD_MIGRATION
	{ 0, 0 },
};

int td_schema_version(void)
{
	return td_migrations[sizeof td_migrations / sizeof *td_migrations - 2].number;
}
