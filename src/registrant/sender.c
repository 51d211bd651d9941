/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What a response means (RFC 8945 section 5.4, RFC 2136 section 2.2):
 *
 *  signed, SERVFAIL, NOTIMP, NOTAUTH	this registry cannot: the next one is asked
 *  signed, any other RCODE		the answer: REFUSED, too, is the registry's word
 *  signed, BADTIME			signed again by the server's clock, if it is not far off
 *  BADKEY, BADSIG, or not signed	may be from anybody: it is not believed, but noted, and the
 *					next registry is asked; what was noted explains the failure
 *					if none of them has answered
 *  forged or too old			ignored: the answer may yet come */

#include "registrant/sender.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/msg.h"
#include "dns/tsig_client.h"
#include "dns/type.h"
#include "dns/update_response.h"
#include "locate/exchange.h"
#include "registrant/clocks.h"

enum { CORRECTIONS_MAX = 2 }; /* of the time, in one exchange */

static const char no_key[] = "updates must be signed, and there is no key: set key-file in "
			     "client.conf(5), or WEFT_KEY_FILE";

struct registrant_sender {
	struct registrant_signing *by;
	registrant_sender_fn done;
	void *arg;
	uint8_t *msg; /* not signed */
	size_t nbytes;
	struct locate_exchange *exchange;
	struct resolve_timer failed; /* without an exchange: `error` is reported */
	int error;		     /* 0: `response`; or what the exchange ends with */
	bool is_turned_away;	     /* by a registry, or somebody */
	int noted;		     /* what unsigned responses say: 0 or -ENOKEY */
	unsigned ncorrections;
	struct dns_update_response response;
	struct dns_tsig_request signatures[LOCATE_ATTEMPTS_MAX];
	char note[REGISTRANT_WHY_MAX / 2];
	char why[REGISTRANT_WHY_MAX];
};

size_t registrant_sender_room(const struct registrant_signing *by)
{
	const struct dns_tsig_key *key = locate_key(by->locate);

	return key == NULL ? 0 : dns_tsig_request_nbytes(key);
}

static uint64_t wall_s(const struct registrant_signing *by)
{
	return by->clocks->wall_ms(by->clocks->arg) / 1000;
}

static ssize_t on_write(void *arg, unsigned attempt, uint16_t id, uint8_t *out, size_t size)
{
	struct registrant_sender *s = arg;
	const struct dns_tsig_key *key = locate_key(s->by->locate);
	uint64_t now_s = (uint64_t)((int64_t)wall_s(s->by) + s->by->skew_s);
	size_t n;

	if (key == NULL)
		return -ENOKEY;
	if (size < s->nbytes)
		return -EMSGSIZE;
	memcpy(out, s->msg, s->nbytes);
	base_store16(out, id);
	n = dns_tsig_request_sign(&s->signatures[attempt], key, out, s->nbytes, size, now_s);
	return n == 0 ? -EMSGSIZE : (ssize_t)n;
}

/* Notes what is in a response that cannot be believed, or that ends only the asking of its server.
 */
static void note(struct registrant_sender *s, const char *what)
{
	const struct dns_update_response *r = &s->response;

	s->is_turned_away = true;
	snprintf(s->note, sizeof(s->note), "%s%s%.200s", what, r->text[0] != '\0' ? ": " : "",
		 r->text);
}

static enum locate_verdict read_badtime(struct registrant_sender *s, uint64_t server_s)
{
	int64_t skew_s = (int64_t)(server_s - wall_s(s->by));

	if (skew_s > REGISTRANT_SKEW_MAX_S || skew_s < -REGISTRANT_SKEW_MAX_S ||
	    s->ncorrections == CORRECTIONS_MAX) {
		s->error = -ETIME;
		snprintf(s->note, sizeof(s->note),
			 "the registry's clock is %lld s %s this host's: set the clocks",
			 (long long)(skew_s < 0 ? -skew_s : skew_s),
			 skew_s < 0 ? "behind" : "ahead of");
		return LOCATE_DONE;
	}
	s->ncorrections++;
	s->by->skew_s = skew_s;
	return LOCATE_AGAIN;
}

static enum locate_verdict read_valid(struct registrant_sender *s)
{
	switch (s->response.rcode) {
	case DNS_RCODE_SERVFAIL:
	case DNS_RCODE_NOTIMP:
	case DNS_RCODE_NOTAUTH:
		note(s, dns_rcode_text(s->response.rcode));
		return LOCATE_NEXT;
	default:
		s->error = 0;
		return LOCATE_DONE;
	}
}

static enum locate_verdict read_untrusted(struct registrant_sender *s,
					  enum dns_tsig_response verdict)
{
	if (verdict == DNS_TSIG_RESPONSE_BADKEY) {
		s->noted = -ENOKEY;
		note(s, "BADKEY, the registry does not know the key");
	} else if (verdict == DNS_TSIG_RESPONSE_BADSIG) {
		s->noted = -ENOKEY;
		note(s, "BADSIG, the registry has another secret for the key");
	} else {
		note(s, "a response that is not signed");
	}
	return LOCATE_NEXT;
}

static enum locate_verdict on_read(void *arg, unsigned attempt, const uint8_t *msg, size_t nbytes,
				   uint64_t now_ms)
{
	struct registrant_sender *s = arg;
	const struct dns_tsig_request *signature = &s->signatures[attempt];
	uint64_t now_s = (uint64_t)((int64_t)wall_s(s->by) + s->by->skew_s), server_s;
	enum dns_tsig_response verdict;

	(void)now_ms;
	if (!dns_update_response_parse(&s->response, msg, nbytes) ||
	    s->response.id != signature->id)
		return LOCATE_IGNORED;
	if (s->response.is_truncated)
		return LOCATE_OVER_TCP;
	verdict = dns_tsig_request_verify(signature, msg, nbytes, s->response.tsig_offset, now_s,
					  &server_s);
	switch (verdict) {
	case DNS_TSIG_RESPONSE_VALID:
		return read_valid(s);
	case DNS_TSIG_RESPONSE_BADTIME:
		return read_badtime(s, server_s);
	case DNS_TSIG_RESPONSE_BADTRUNC:
		s->error = -ENOKEY;
		note(s, "BADTRUNC, the registry wants longer signatures");
		return LOCATE_DONE;
	case DNS_TSIG_RESPONSE_UNSIGNED:
	case DNS_TSIG_RESPONSE_BADKEY:
	case DNS_TSIG_RESPONSE_BADSIG:
		return read_untrusted(s, verdict);
	default:
		return LOCATE_IGNORED;
	}
}

/* Calls `done`, which may free the sender. */
static void finish(struct registrant_sender *s, int error, uint64_t now_ms)
{
	struct registrant_result result = {
		.error = error, .is_turned_away = s->is_turned_away, .why = s->why};
	const char *from = s->exchange == NULL ? "" : locate_exchange_why(s->exchange);

	if (error == 0) {
		result.rcode = s->response.rcode;
		result.has_lease = s->response.has_lease;
		result.lease_s = s->response.lease_s;
		snprintf(s->why, sizeof(s->why), "%s%s%s (%.100s)",
			 dns_rcode_text(s->response.rcode), s->response.text[0] != '\0' ? ": " : "",
			 s->response.text, from);
	} else {
		snprintf(s->why, sizeof(s->why), "%s%s%.240s", s->note,
			 s->note[0] != '\0' && from[0] != '\0' ? "; " : "", from);
	}
	s->done(s->arg, &result, now_ms);
}

static void on_done(void *arg, int error, uint64_t now_ms)
{
	struct registrant_sender *s = arg;

	if (error == 0)
		error = s->error;
	else if (error == -ENOENT)
		error = -EADDRNOTAVAIL;
	else if (s->noted != 0)
		error = s->noted;
	finish(s, error, now_ms);
}

static void on_failed(void *arg, uint64_t now_ms)
{
	struct registrant_sender *s = arg;

	finish(s, s->error, now_ms);
}

static int begin(struct registrant_sender *s, uint64_t deadline_ms)
{
	static const struct locate_exchange_calls calls = {on_write, on_read, on_done};
	size_t room = registrant_sender_room(s->by), size = s->nbytes + room;
	const struct locate_exchange_options options = {
		.deadline_ms = deadline_ms,
		.is_update = true,
		.is_large = size > REGISTRANT_UDP_MAX,
		.size = size,
	};

	if (room > 0)
		return locate_exchange_new(&s->exchange, s->by->locate, &options, &calls, s);
	s->error = -ENOKEY;
	snprintf(s->note, sizeof(s->note), "%s", no_key);
	resolve_timer_set(&s->by->events->timers, &s->failed, 0);
	return 0;
}

int registrant_sender_new(struct registrant_sender **out, struct registrant_signing *by,
			  uint8_t *msg, size_t nbytes, uint64_t deadline_ms,
			  registrant_sender_fn done, void *arg)
{
	struct registrant_sender *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->by = by;
	s->done = done;
	s->arg = arg;
	s->failed = (struct resolve_timer){.on_due = on_failed, .arg = s};
	s->nbytes = nbytes;
	if (begin(s, deadline_ms) < 0) {
		free(s);
		return -ENOMEM;
	}
	s->msg = msg;
	*out = s;
	return 0;
}

void registrant_sender_free(struct registrant_sender *s)
{
	if (s == NULL)
		return;
	resolve_timer_clear(&s->by->events->timers, &s->failed);
	locate_exchange_free(s->exchange);
	free(s->msg);
	free(s);
}
