/*
 * noop_milter - the floors of B1: a milter that does nothing
 *
 * usage: noop_milter SOCKET same|nothing
 *
 * "same" negotiates exactly what tandem-milter does for untagged mail: MAIL and RCPT with reply, headers one way,
 * ACCEPT at the end of headers. "nothing" asks for no step at all.
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int nothing;

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
	unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	(void)f2;
	(void)f3;
	*pf0 = f0 & (SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT | SMFIF_SETSYMLIST);
	*pf1 = f1 & (SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_CONN | SMFIP_NR_HDR | SMFIP_NR_BODY |
		SMFIP_SKIP);
	if (nothing)
		*pf1 = f1 & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NOBODY | SMFIP_NOHDRS |
			SMFIP_NOEOH | SMFIP_NOUNKNOWN | SMFIP_NODATA);
	*pf2 = 0;
	*pf3 = 0;
	(void)ctx;
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)name;
	(void)address;
	return SMFIS_CONTINUE;
}

static sfsistat on_envelope(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_CONTINUE;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_ACCEPT;
}

int main(int argc, char **argv)
{
	struct smfiDesc desc = {
		.xxfi_name = "noop", .xxfi_version = SMFI_VERSION, .xxfi_connect = on_connect, .xxfi_envfrom = on_envelope,
		.xxfi_envrcpt = on_envelope, .xxfi_header = on_header, .xxfi_eoh = on_eoh, .xxfi_negotiate = on_negotiate,
		.xxfi_flags = SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT | SMFIF_SETSYMLIST,
	};

	if (argc != 3) {
		fprintf(stderr, "usage: noop_milter SOCKET same|nothing\n");
		return 2;
	}
	umask(0); /* Postfix's processes are other users */
	nothing = !strcmp(argv[2], "nothing");
	smfi_setconn(argv[1]);
	if (smfi_register(desc) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS)
		return 1;
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
