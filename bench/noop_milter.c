/*
 * noop_milter - the floors of B1: a milter that does nothing
 *
 * usage: noop_milter SOCKET same|nothing
 *
 * "same" negotiates exactly what tandem-milter does for untagged mail: RCPT with reply, MAIL and headers one way,
 * ACCEPT at the end of headers. "nothing" asks for no step at all.
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in milter/callbacks.c: keep the two alike, or B1 compares two negotiations. */
#define FLAGS (SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT | SMFIF_SETSYMLIST)
static const struct {
	int stage;
	const char *macros;
} symlists[] = {
	{ SMFIM_CONNECT, "{daemon_name}" },
	{ SMFIM_HELO, "i" },
	{ SMFIM_ENVFROM, "i {mail_mailer} {auth_authen} {cert_subject} {cert_issuer} {daemon_name}" },
	{ SMFIM_ENVRCPT, "i" },
	{ SMFIM_DATA, "i" },
	{ SMFIM_EOH, "i" },
	{ SMFIM_EOM, "i" },
};

static int nothing;

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
	unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	(void)f2;
	(void)f3;
	*pf0 = f0 & FLAGS;
	*pf1 = (f1 & (SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_SKIP)) | SMFIP_NR_CONN | SMFIP_NR_MAIL |
		SMFIP_NR_HDR;
	if (nothing)
		*pf1 = f1 & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NOBODY | SMFIP_NOHDRS |
			SMFIP_NOEOH | SMFIP_NOUNKNOWN | SMFIP_NODATA);
	for (size_t k = 0; k < sizeof(symlists) / sizeof(*symlists); k++)
		smfi_setsymlist(ctx, symlists[k].stage, (char *)symlists[k].macros);
	*pf2 = 0;
	*pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)name;
	(void)address;
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return SMFIS_NOREPLY;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
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
	return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_ACCEPT;
}

int main(int argc, char **argv)
{
	struct smfiDesc desc = {
		.xxfi_name = "noop", .xxfi_version = SMFI_VERSION, .xxfi_connect = on_connect, .xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt, .xxfi_header = on_header, .xxfi_eoh = on_eoh, .xxfi_negotiate = on_negotiate,
		.xxfi_flags = FLAGS,
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
