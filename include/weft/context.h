/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/context.h - libweft: the context that everything else is done in, and the caller's loop.
 *
 * libweft finds services in a DNS registry, connects to them, follows them and registers them. It
 * has no thread, no signal handler and no loop of its own. A context waits for one descriptor,
 * which the caller's loop waits for, and for a time; when either comes the caller calls
 * weft_process(), and only from there libweft calls back. Functions that wait (weft_find,
 * weft_connect, weft_register) do the same inside. A context, and all that was made with it, is
 * used by one thread at a time; several contexts are independent.
 *
 * Functions that return int return WEFT_OK (0) or one of enum weft_error, unless they say
 * otherwise; weft_error_text() then has more. Texts are UTF-8 with NUL, copied when passed in.
 * Times are milliseconds of CLOCK_MONOTONIC, durations milliseconds; a duration of -1 means the
 * default: that of client.conf(5), 5 seconds, or twice that for functions that connect or
 * register. Names are domain names in presentation format: one without final dot is completed with
 * the context's domain. */
#ifndef WEFT_CONTEXT_H
#define WEFT_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_API __attribute__((visibility("default")))

struct weft;
struct weft_registry; /* what is known of a registry */

/* Errors are negative. More may be added: treat those that are not known as WEFT_E_FAILED. */
enum weft_error {
	WEFT_OK = 0,
	WEFT_E_FAILED = -1,	 /* for a reason that only weft_error_text() names */
	WEFT_E_MEMORY = -2,	 /* memory is short */
	WEFT_E_NOT_FOUND = -3,	 /* the registry has no such service or name */
	WEFT_E_NO_REGISTRY = -4, /* no registry is known, or none answers */
	WEFT_E_TIMEOUT = -5,	 /* the time that the caller gave is over */
	WEFT_E_UNREACHABLE = -6, /* instances were found, and none could be connected to */
	WEFT_E_NAME = -7,	 /* not a domain name, or one longer than 255 octets, label 63 */
	WEFT_E_TEXT = -8,	 /* a TXT key or value is not valid, or too long */
	WEFT_E_PORT = -9,	 /* a port is not from 1 to 65535 */
	WEFT_E_ARGUMENT = -10,	 /* another argument is not valid, or not at this time */
	WEFT_E_CONFIG = -11,	 /* client.conf(5) or an environment variable is not valid */
	WEFT_E_KEY = -12,	 /* there is no key, or it cannot be read, or it is not known */
	WEFT_E_TLS = -13,	 /* TLS failed: the server is not the one that is trusted */
	WEFT_E_ANSWER = -14,	 /* a server's answer is malformed, or not for the question */
	WEFT_E_REFUSED = -15,	 /* the registry refuses the request */
	WEFT_E_CONFLICT = -16,	 /* the name is another key's */
	WEFT_E_CLOCK = -17,	 /* this host's clock is too far from the registry's */
	WEFT_E_TOO_LARGE = -18,	 /* more than fits a message or a limit */
	WEFT_E_CANCELLED = -19,	 /* the caller has ended it */
	WEFT_E_SYSTEM = -20,	 /* a system call failed */
};

/* ---- the context ---- */

/* Makes a context with defaults. Reads nothing and asks nobody yet. Writes the context, which
 * weft_free() frees, to `out`. Returns WEFT_OK, WEFT_E_MEMORY or WEFT_E_SYSTEM. */
WEFT_API int weft_new(struct weft **out);

/* Ends all that was made with the context, without calling back, and frees it; what was made with
 * it must not be used any more, but for instances, which are the caller's. Registrations are not
 * removed: they end with their lease; weft_registration_end() removes one. Within a callback the
 * context is freed when weft_process() or weft_wait() returns, the latter with WEFT_E_CANCELLED;
 * while another function waits it does nothing. NULL is fine. */
WEFT_API void weft_free(struct weft *w);

/* ---- what the context uses; to be set before the first find, watch, connect or register ---- */

/* Uses these registries and no others: a list with blanks or commas between, of
 * `[tls://|tcp://]host-or-address[@port]`. Host names are asked for at the resolvers of
 * resolv.conf(5). NULL: found as client.conf(5) describes, in the order: WEFT_REGISTRY,
 * client.conf, SRV records of the search domains, mDNS, resolv.conf(5). */
WEFT_API int weft_set_registry(struct weft *w, const char *list);

/* Completes names without final dot with this domain; NULL: client.conf(5), else resolv.conf(5). */
WEFT_API int weft_set_domain(struct weft *w, const char *domain);

/* Reads this client.conf(5) instead of the usual ones; "": none. */
WEFT_API int weft_set_config(struct weft *w, const char *path);

/* Signs updates with the key of this file: a BIND key file with one key, or, with `name`, a fabric
 * file from which the key of that name is derived. NULL: WEFT_KEY_FILE, else client.conf(5). */
WEFT_API int weft_set_key_file(struct weft *w, const char *path, const char *name);

/* Trusts servers whose certificate this fabric's public key has signed (base64, as `weft fabric
 * show` prints). NULL: client.conf(5), else the system's authorities. */
WEFT_API int weft_set_public_key(struct weft *w, const char *base64);

/* Trusts the authorities of this PEM file. */
WEFT_API int weft_set_tls_ca(struct weft *w, const char *path);

/* Identifies by this certificate and private key (PEM; `key` NULL: in the same file). */
WEFT_API int weft_set_tls_certificate(struct weft *w, const char *path, const char *key);

/* Uses answers for this long after their TTL while no registry answers (RFC 8767); 0: never; -1:
 * client.conf(5), else one hour. */
WEFT_API int weft_set_stale(struct weft *w, int64_t duration_ms);

/* Reports an instance that this context could not connect to at `_suspect.INSTANCE`, if there is a
 * key (`is_on` not 0, the default), or never. */
WEFT_API int weft_set_suspect(struct weft *w, int is_on);

/* Reads all that was set, and the files and variables named there, and reports what is wrong with
 * them, which otherwise the first find, watch, connect or register does. */
WEFT_API int weft_load(struct weft *w);

/* ---- the caller's loop ---- */

/* Returns the descriptor, the same as long as the context lives. */
WEFT_API int weft_fd(const struct weft *w);

/* Returns the events to wait for, of poll(2): POLLIN. */
WEFT_API int weft_events(const struct weft *w);

/* Returns when weft_process() wants to be called even if the descriptor is not ready: milliseconds
 * of CLOCK_MONOTONIC, which may be in the past; UINT64_MAX: not by time. Ask again after each call
 * of any function of the context. */
WEFT_API uint64_t weft_deadline_ms(const struct weft *w);

/* Returns how long poll(2) may wait from now: milliseconds, or -1 for ever. */
WEFT_API int weft_timeout_ms(const struct weft *w);

/* Does all that can be done without waiting. Callbacks are called from here, and may call any
 * function of the context but those that wait, which return WEFT_E_ARGUMENT; weft_process() does
 * nothing there. */
WEFT_API void weft_process(struct weft *w);

/* Waits until something is to be done, at most `timeout_ms` (-1: for ever), and does it. For
 * programs that have no loop. Returns WEFT_OK, WEFT_E_TIMEOUT, WEFT_E_SYSTEM with errno EINTR if a
 * signal came, or WEFT_E_CANCELLED if a callback has freed the context. */
WEFT_API int weft_wait(struct weft *w, int timeout_ms);

/* ---- registries ---- */

/* Calls `fn` for each registry that is known now, in the order in which they are asked. It returns
 * not 0 to stop, and calls no function of the context. */
WEFT_API void weft_registries(const struct weft *w,
			      int (*fn)(void *arg, const struct weft_registry *r), void *arg);

/* Address and port as `192.0.2.1@53`; the transport, "udp", "tcp" or "tls"; where it is known from,
 * as "WEFT_REGISTRY" or "/etc/weft/client.conf:3". Valid during the call of `fn`. */
WEFT_API const char *weft_registry_address(const struct weft_registry *r);
WEFT_API const char *weft_registry_transport(const struct weft_registry *r);
WEFT_API const char *weft_registry_source(const struct weft_registry *r);

/* Whether it has answered (1), has failed (0), or was not asked yet (-1); and the smoothed time to
 * its answers in microseconds, 0 if there is none. */
WEFT_API int weft_registry_is_healthy(const struct weft_registry *r);
WEFT_API uint32_t weft_registry_rtt_us(const struct weft_registry *r);

/* ---- errors ---- */

/* Returns what an error means: a constant text. */
WEFT_API const char *weft_strerror(int error);

/* Returns the name of an error, "WEFT_E_NAME". */
WEFT_API const char *weft_error_name(int error);

/* Returns why the last function of the context that failed did so, for people: with the file and
 * line, the instance or the packet's fault. Valid until the next call. "" if none
 * failed. */
WEFT_API const char *weft_error_text(const struct weft *w);

/* Returns the version of the library that runs, "0.1.0". */
WEFT_API const char *weft_version(void);

#ifdef __cplusplus
}
#endif

#endif
