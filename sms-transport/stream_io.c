/*
 * stream_io - sockets and TLS of streams
 *
 * Names are resolved by libevent's own resolver, which does not block; it reads /etc/hosts and /etc/resolv.conf.
 */
#include "stream_conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static bool is_address(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* The policy of HTTP requests: TLS 1.2 or later, always verified, ca_file instead of the system's certificates. */
static enum td_status tls_policy(struct stream *stream, struct td_err *err)
{
	const char *ca_file = stream->instance->set->ca_file;
	SSL_CTX *tls;

	if (stream->tls)
		return TD_OK;
	tls = SSL_CTX_new(TLS_client_method());
	if (!tls)
		return td_err_set(err, TD_NOMEM, "out of memory");
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	if (ca_file ? SSL_CTX_load_verify_locations(tls, ca_file, NULL) != 1 : SSL_CTX_set_default_verify_paths(tls) != 1) {
		SSL_CTX_free(tls);
		return td_err_set(err, TD_PERMFAIL, "%s: no certificates to trust", ca_file ? ca_file : "the system");
	}
	stream->tls = tls;
	return TD_OK;
}

/* A session that accepts the certificate of this host only; NULL: out of memory. */
static SSL *tls_session(struct stream *stream, const char *host)
{
	SSL *ssl = SSL_new(stream->tls);
	bool good = ssl != NULL;

	if (good && is_address(host))
		good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	else if (good)
		good = SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
	if (!good) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

static enum td_status new_bufferevent(struct stream *stream, const char *host, bool tls, struct bufferevent **out,
	struct td_err *err)
{
	struct event_base *base = stream->instance->smsd->base;
	enum td_status status = TD_OK;
	SSL *ssl = NULL;

	*out = NULL;
	if (tls)
		status = tls_policy(stream, err);
	if (status)
		return status;
	if (tls)
		ssl = tls_session(stream, host);
	if (!tls)
		*out = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	else if (ssl)
		*out = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
			BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (*out)
		return TD_OK;
	SSL_free(ssl);
	return td_err_set(err, TD_NOMEM, "out of memory");
}

enum td_status stream_connect(struct stream *stream, const struct tandem_stream_target *target,
	struct bufferevent **out, struct td_err *err)
{
	struct event_base *base = stream->instance->smsd->base;
	struct bufferevent *bev;
	enum td_status status;
	char host[256];

	if (!target->host.n || target->host.n >= sizeof(host) || !target->port || target->port > 65535)
		return td_err_set(err, TD_PERMFAIL, "the plugin gives no host and port to connect to");
	snprintf(host, sizeof(host), "%.*s", (int)target->host.n, target->host.p);
	status = new_bufferevent(stream, host, target->tls, &bev, err);
	if (status)
		return status;
	if (!stream->dns && !is_address(host))
		stream->dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!stream->dns && !is_address(host))
		status = td_err_set(err, TD_TEMPFAIL, "%s: names cannot be resolved (try: /etc/resolv.conf)", host);
	else if (bufferevent_socket_connect_hostname(bev, stream->dns, AF_UNSPEC, host, (int)target->port))
		status = td_err_set(err, TD_TEMPFAIL, "%s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	if (status) {
		bufferevent_free(bev);
		return status;
	}
	*out = bev;
	return TD_OK;
}

void stream_why(struct bufferevent *bev, short what, char *out, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	unsigned long code = bufferevent_get_openssl_error(bev);
	int dns = bufferevent_socket_get_dns_error(bev);

	if (ssl && SSL_get_verify_result(ssl) != X509_V_OK)
		snprintf(out, size, "its certificate is refused: %s",
			X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
	else if (code && ERR_reason_error_string(code))
		snprintf(out, size, "TLS: %s", ERR_reason_error_string(code));
	else if (dns)
		snprintf(out, size, "%s", evutil_gai_strerror(dns));
	else if (what & BEV_EVENT_EOF)
		snprintf(out, size, "ended by the peer");
	else
		snprintf(out, size, "%s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
}

void stream_io_free(struct stream *stream)
{
	if (stream->dns)
		evdns_base_free(stream->dns, 0);
	SSL_CTX_free(stream->tls);
}
