/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/register.h - registering services and nodes, and keeping them registered.
 *
 * A registration is sent by DNS UPDATE (RFC 2136) with a lease (RFC 9664), signed by the context's
 * key (TSIG, RFC 8945), and refreshed at 80 % of the lease that was granted. It is made anew when
 * the registry has lost it, when the host's addresses change, and after the host was suspended;
 * under another registry if one does not answer. */
#ifndef WEFT_REGISTER_H
#define WEFT_REGISTER_H

#include <weft/find.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_registration;

/* ---- making; nothing is sent before weft_registration_start() ---- */

/* Makes a registration of a service: `label` is the instance's name without escapes ("My web"),
 * `type` is `_http._tcp` or `_http._tcp.lab.cloud`. The context's domain is used for a type that
 * has none. Returns WEFT_OK, WEFT_E_NAME, WEFT_E_PORT or WEFT_E_MEMORY. */
WEFT_API int weft_registration_new(struct weft *w, const char *label, const char *type, int port,
				   struct weft_registration **out);

/* Makes a registration of this host, as `NAME.nodes.DOMAIN` with its addresses. `name` NULL: that
 * of the key, if a fabric's key signs, else the host's name up to its first dot. */
WEFT_API int weft_registration_new_node(struct weft *w, const char *name,
					struct weft_registration **out);

/* ---- what is registered; later changes are sent at once ---- */

/* Sets a pair of the TXT record; `value` NULL: a key without a value, removed by
 * weft_registration_unset_txt(). The keys id, inc and state are the library's. WEFT_E_TEXT: a key
 * that is empty or has other characters than printable ASCII without `=`, a pair of more than 255
 * octets, or a record of more than 8,900 octets. */
WEFT_API int weft_registration_set_txt(struct weft_registration *r, const char *key,
				       const void *value, size_t nbytes);
WEFT_API int weft_registration_unset_txt(struct weft_registration *r, const char *key);

/* Priority and weight of the SRV record; default 0 and 0. */
WEFT_API int weft_registration_set_srv(struct weft_registration *r, uint16_t priority,
				       uint16_t weight);

/* The port, if it has changed. */
WEFT_API int weft_registration_set_port(struct weft_registration *r, int port);

/* The host where the service is; NULL, the default: this host's node, which is registered with
 * it. */
WEFT_API int weft_registration_set_host(struct weft_registration *r, const char *host);

/* The addresses of this host, as text, with blanks between; NULL, the default: those that the
 * network has now, without loopback and link-local ones, followed when they change. */
WEFT_API int weft_registration_set_addresses(struct weft_registration *r, const char *list);

/* Adds a subtype, `_printer`; it can be browsed for. */
WEFT_API int weft_registration_add_subtype(struct weft_registration *r, const char *subtype);

/* The identity that stays when the service moves; default: the label. */
WEFT_API int weft_registration_set_id(struct weft_registration *r, const char *id);

/* The lease to ask for, in seconds; default 60. */
WEFT_API int weft_registration_set_lease(struct weft_registration *r, uint32_t lease_s);

/* What to do if the name is another key's: fail (the default), or take the next number (`web (2)`,
 * as DNS-SD has it). */
enum weft_conflict { WEFT_CONFLICT_FAIL = 0, WEFT_CONFLICT_RENAME = 1 };
WEFT_API int weft_registration_set_conflict(struct weft_registration *r,
					    enum weft_conflict conflict);

/* The state; sent at once. */
WEFT_API int weft_registration_set_state(struct weft_registration *r, enum weft_state state);

/* Asks for the state before each refresh; the function must not free the registration. */
typedef enum weft_state (*weft_health_fn)(void *arg);
WEFT_API int weft_registration_on_refresh(struct weft_registration *r, weft_health_fn fn,
					  void *arg);

/* ---- being registered ---- */

enum weft_registration_event {
	WEFT_REGISTRATION_DONE = 1,    /* registered, for the first time or after it was not */
	WEFT_REGISTRATION_RENAMED = 2, /* registered, under another name */
	WEFT_REGISTRATION_FAILED = 3,  /* refused; it is tried again later */
	WEFT_REGISTRATION_LOST = 4,    /* its lease has ended; it is tried again */
	WEFT_REGISTRATION_ENDED = 5,   /* removed, after weft_registration_end() */
};

/* Returns the name of an event, "renamed". */
WEFT_API const char *weft_registration_event_name(enum weft_registration_event event);

/* Takes an event; `error` is WEFT_OK, or why it failed, and `text` describes it: it is valid during
 * the call. */
typedef void (*weft_registration_fn)(void *arg, enum weft_registration_event event, int error,
				     const char *text);

/* Begins to register, and keeps it up; `fn` may be NULL. */
WEFT_API int weft_registration_start(struct weft_registration *r, weft_registration_fn fn,
				     void *arg);

/* Begins to register, and waits until that is done, at most `timeout_ms`. To be
 * kept up, the context must be processed afterwards. A registry that does not answer is tried
 * again, any other failure ends the wait; the registration then goes on as after
 * weft_registration_start(), until it is freed. */
WEFT_API int weft_registration_wait(struct weft_registration *r, int timeout_ms);

/* Makes a registration with defaults and waits for it likewise. On failure it is freed. */
WEFT_API int weft_register(struct weft *w, const char *label, const char *type, int port,
			   int timeout_ms, struct weft_registration **out);

/* Returns the whole name, which differs from what was asked for after RENAMED, valid until the next
 * call; the lease that was granted, in seconds, 0 if it is not registered now; the incarnation, 0
 * before the start. */
WEFT_API const char *weft_registration_name(struct weft_registration *r);
WEFT_API uint32_t weft_registration_lease(const struct weft_registration *r);
WEFT_API uint64_t weft_registration_incarnation(const struct weft_registration *r);

/* Removes the registration from the registry; ENDED is reported when that is done, or given up
 * after some seconds. Then, or without having been ended, weft_registration_free() frees it. */
WEFT_API int weft_registration_end(struct weft_registration *r);

/* Frees a registration: one that is registered is removed, in the background as long as the context
 * is processed. NULL is fine. */
WEFT_API void weft_registration_free(struct weft_registration *r);

/* Removes a registration, waiting at most `timeout_ms`, and frees it in each case,
 * but not from within a callback, where it returns WEFT_E_ARGUMENT. */
WEFT_API int weft_unregister(struct weft_registration *r, int timeout_ms);

/* Removes what is registered under a name, by this process or another with the same key. */
WEFT_API int weft_unregister_name(struct weft *w, const char *name, int timeout_ms);

/* Sets the state of an instance that is registered under the name, by whichever process with the
 * same key. */
WEFT_API int weft_set_state_of(struct weft *w, const char *name, enum weft_state state,
			       int timeout_ms);

/* Reports, for the registry to hide it, that the instance of that name does not work: at
 * `_suspect.NAME`, with the context's key. `why` may be NULL. */
WEFT_API int weft_suspect_name(struct weft *w, const char *name, const char *why, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
