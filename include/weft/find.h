/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/find.h - finding the instances of a service.
 *
 * What can be found: a service type (`_http._tcp.lab.cloud`, DNS-SD, RFC 6763; a type that has only
 * SRV records, RFC 2782, too), a subtype (`_printer._sub._http._tcp`), one instance
 * (`web-1._http._tcp`), and a host with a port (`db.lab.cloud:5432`). Instances come in the order
 * in which to contact them: by priority, then drawn by weight. */
#ifndef WEFT_FIND_H
#define WEFT_FIND_H

#include <sys/socket.h>

#include <weft/context.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_find;
struct weft_instance;
struct weft_instances;

enum weft_state {
	WEFT_STATE_UP = 0, /* also without a state */
	WEFT_STATE_STARTING = 1,
	WEFT_STATE_DRAINING = 2, /* open new connections elsewhere */
	WEFT_STATE_FAILED = 3,
};

/* ---- finding ---- */

/* Finds instances, waiting at most `timeout_ms`. Writes at least one to `out`,
 * which weft_instances_free() frees. Returns WEFT_OK; WEFT_E_NOT_FOUND; WEFT_E_NO_REGISTRY if no
 * registry answers and nothing is known from before; or another error. */
WEFT_API int weft_find(struct weft *w, const char *name, int timeout_ms,
		       struct weft_instances **out);

/* Takes what was found, which the function owns then; NULL unless `error` is WEFT_OK. */
typedef void (*weft_find_fn)(void *arg, int error, struct weft_instances *found);

/* Begins to find; `fn` is called once, from weft_process(), after which the find is no more. `out`
 * may be NULL. */
WEFT_API int weft_find_start(struct weft *w, const char *name, int timeout_ms, weft_find_fn fn,
			     void *arg, struct weft_find **out);

/* Ends a find whose function was not called yet: it is not called any more. NULL is fine. */
WEFT_API void weft_find_cancel(struct weft_find *f);

/* Lists the service types of the context's domain (RFC 6763 section 9), or of `domain`: found ones
 * are reported by names only, such as `_http._tcp.lab.cloud.`, as instances without a host. */
WEFT_API int weft_find_types(struct weft *w, const char *domain, int timeout_ms,
			     struct weft_instances **out);
WEFT_API int weft_find_types_start(struct weft *w, const char *domain, int timeout_ms,
				   weft_find_fn fn, void *arg, struct weft_find **out);

/* ---- what was found ---- */

WEFT_API size_t weft_instances_count(const struct weft_instances *all);

/* Returns one of them, `i` below the count; valid as long as `all`. */
WEFT_API const struct weft_instance *weft_instances_get(const struct weft_instances *all, size_t i);

/* Returns whether they are past their TTL, because no registry answers (RFC 8767). */
WEFT_API int weft_instances_are_stale(const struct weft_instances *all);

WEFT_API void weft_instances_free(struct weft_instances *all);

/* ---- one instance; texts are valid as long as the instance ---- */

/* Gets one more reference to the instance, which never changes; weft_instance_free() gives it back.
 * Instances may outlive the context, and be passed to other threads. */
WEFT_API struct weft_instance *weft_instance_copy(const struct weft_instance *i);
WEFT_API void weft_instance_free(struct weft_instance *i);

/* The whole name `web-1._http._tcp.lab.cloud.`; its first label without escapes, `web-1`; the type
 * `_http._tcp`; the domain `lab.cloud.`. Of a host or SRV record alone the name is that of the host
 * or the record, and label, type or domain may be "". */
WEFT_API const char *weft_instance_name(const struct weft_instance *i);
WEFT_API const char *weft_instance_label(const struct weft_instance *i);
WEFT_API const char *weft_instance_type(const struct weft_instance *i);
WEFT_API const char *weft_instance_domain(const struct weft_instance *i);

/* The target of its SRV record, with final dot, and what else the record has. */
WEFT_API const char *weft_instance_host(const struct weft_instance *i);
WEFT_API uint16_t weft_instance_port(const struct weft_instance *i);
WEFT_API uint16_t weft_instance_priority(const struct weft_instance *i);
WEFT_API uint16_t weft_instance_weight(const struct weft_instance *i);

/* Its addresses, with the port; `n` below the count. */
WEFT_API size_t weft_instance_address_count(const struct weft_instance *i);
WEFT_API const struct sockaddr *weft_instance_address(const struct weft_instance *i, size_t n,
						      socklen_t *nbytes);

/* Its state, its identity (`id=`, "" if it has none) and incarnation (`inc=`, 0 if it has none). */
WEFT_API enum weft_state weft_instance_state(const struct weft_instance *i);
WEFT_API const char *weft_instance_id(const struct weft_instance *i);
WEFT_API uint64_t weft_instance_incarnation(const struct weft_instance *i);

/* The value of a key of its TXT record (RFC 6763 section 6.4: case of the key is ignored, the first
 * one counts) with NUL after it, and its length in `nbytes` unless that is NULL. NULL: there is no
 * such key; a key without a value has the value "" and the length (size_t)-1. */
WEFT_API const char *weft_instance_txt(const struct weft_instance *i, const char *key,
				       size_t *nbytes);

/* The pairs of its TXT record in their order, without those that section 6.4 ignores. */
WEFT_API size_t weft_instance_txt_count(const struct weft_instance *i);
WEFT_API const char *weft_instance_txt_key(const struct weft_instance *i, size_t n);
WEFT_API const char *weft_instance_txt_value(const struct weft_instance *i, size_t n,
					     size_t *nbytes);

/* How long this is good, in seconds from when it was found; and whether it is past that. */
WEFT_API uint32_t weft_instance_ttl(const struct weft_instance *i);
WEFT_API int weft_instance_is_stale(const struct weft_instance *i);

/* Returns the name of a state, "up". */
WEFT_API const char *weft_state_name(enum weft_state state);

#ifdef __cplusplus
}
#endif

#endif
