/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A host's registrations, as test_registration.py has them: commands are lines of standard input,
 * events are lines of standard output. It uses the rooms, not libweft: so a test can have the host
 * sleep, and its clock be wrong.
 *
 *	registering REGISTRY KEY-FILE [wall clock's error in seconds]
 *
 *	new NAME [port=N] [lease=N] [ttl=N] [host=NAME] [address=A,A] [txt=PAIR|PAIR] [id=ID]
 *	    [state=STATE] [subtypes=_a,_b] [uses=NAME,NAME] [inc=N] [rename] [node] [claim]
 *	    [shared] [takeover] [adopted] [eager] [health]
 *	many COUNT NAME ...	as new, for 1-NAME, 2-NAME and so on; their first COUNT events are
 *				reported as one line
 *	change NAME ...		as new
 *	end NAME | free NAME	deregister it
 *	unfit STATE		what health functions return
 *	remove NAME | state NAME STATE | report NAME WHY
 *	update ZONE NAME TTL TEXT	adds a TXT record, without a lease
 *	hurry			registries answer again
 *	show NAME		name, lease and incarnation; and the one that was seen
 *	sleep SECONDS		the host has slept
 *	quit */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/secret.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "dnssd/txt.h"
#include "registrant/clocks.h"
#include "registrant/registrant.h"
#include "resolve/events.h"

enum { SERVICES_MAX = 4096, WORDS_MAX = 32, LINE_SIZE = 4096, WAIT_MS = 5000 };

struct service {
	char name[DNS_NAME_TEXT_MAX];
	struct registrant_service *s;
	bool is_counted;
};

static struct resolve_events events;
static struct registrant *registrant;
static struct service services[SERVICES_MAX];
static size_t nservices, ncounted;
static int64_t wrong_s;
static uint64_t slept_ms;
static enum dnssd_state health_state;

static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return base_clock_wall_ms() + (uint64_t)(wrong_s * 1000);
}

static uint64_t slept(void *arg)
{
	(void)arg;
	return slept_ms;
}

static void fail(const char *what)
{
	fprintf(stderr, "registering: %s\n", what);
	exit(2);
}

static void name_read(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	if (dns_name_from_text(out, text, strlen(text), NULL) == 0)
		fail(text);
}

/* ---- events ---- */

static void on_event(void *arg, enum registrant_event event, int error, const char *why,
		     uint64_t now)
{
	static const char *const texts[] = {"done", "renamed", "failed", "lost", "ended"};
	struct service *s = arg;

	(void)now;
	if (s->is_counted && event == REGISTRANT_DONE) {
		s->is_counted = false;
		if (--ncounted == 0)
			printf("all done\n");
		return;
	}
	printf("%s %s %d %s\n", texts[event], s->name, error, why);
}

static void on_change(void *arg, int error, const char *why, uint64_t now)
{
	(void)now;
	printf("changed %d %s\n", error, why);
	registrant_change_free(*(struct registrant_change **)arg);
	free(arg);
}

static enum dnssd_state health(void *arg)
{
	(void)arg;
	return health_state;
}

/* ---- settings ---- */

static enum dnssd_state state_read(const char *text)
{
	return dnssd_txt_state((const uint8_t *)text, strlen(text));
}

/* Returns the value of an option, or NULL. */
static char *option(char **words, const char *key)
{
	size_t n = strlen(key);

	for (; *words != NULL; words++)
		if (strncmp(*words, key, n) == 0 && ((*words)[n] == '=' || (*words)[n] == '\0'))
			return (*words)[n] == '=' ? *words + n + 1 : *words + n;
	return NULL;
}

static void addresses_read(struct registrant_settings *s, struct sockaddr_storage *room, char *text)
{
	s->addresses = room;
	for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ","))
		if (base_address_from_text(&room[s->naddresses++], word, 0) < 0)
			fail(word);
}

static void subtypes_read(struct registrant_settings *s, const char **room, char *text)
{
	s->subtypes = room;
	for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ","))
		room[s->nsubtypes++] = word;
}

static void uses_read(struct registrant_settings *s, const uint8_t **room, char *text)
{
	static uint8_t names[8][DNS_NAME_MAX];

	s->uses = room;
	for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
		name_read(names[s->nuses], word);
		room[s->nuses] = names[s->nuses];
		s->nuses++;
	}
}

/* Writes the pairs of a TXT record. Returns its length. */
static size_t txt_read(uint8_t *out, char *text)
{
	size_t n = 0;

	for (char *word = strtok(text, "|"); word != NULL; word = strtok(NULL, "|")) {
		out[n] = (uint8_t)strlen(word);
		memcpy(out + n + 1, word, out[n]);
		n += out[n] + 1u;
	}
	return n;
}

static void switches_read(struct registrant_settings *s, char **words)
{
	if (option(words, "node") != NULL)
		s->kind = REGISTRANT_NODE;
	if (option(words, "claim") != NULL)
		s->kind = REGISTRANT_CLAIM;
	s->is_shared = option(words, "shared") != NULL;
	s->can_take_over = option(words, "takeover") != NULL;
	s->is_adopted = option(words, "adopted") != NULL;
	s->is_eager = option(words, "eager") != NULL;
	s->is_renamed = option(words, "rename") != NULL;
	s->health = option(words, "health") != NULL ? health : NULL;
}

/* Reads the options of a registration. What they point to is valid until the next call. */
static void settings_read(struct registrant_settings *s, const char *name, char **words)
{
	static struct sockaddr_storage addresses[8];
	static const char *subtypes[8];
	static const uint8_t *uses[8];
	static uint8_t txt[512];
	char *text;

	*s = (struct registrant_settings){.port = 80, .lease_s = 60, .id = option(words, "id")};
	name_read(s->name, name);
	if ((text = option(words, "host")) != NULL)
		name_read(s->host, text);
	if ((text = option(words, "port")) != NULL)
		s->port = (uint16_t)atoi(text);
	if ((text = option(words, "lease")) != NULL)
		s->lease_s = (uint32_t)atoi(text);
	if ((text = option(words, "state")) != NULL)
		s->state = state_read(text);
	if ((text = option(words, "address")) != NULL)
		addresses_read(s, addresses, text);
	if ((text = option(words, "subtypes")) != NULL)
		subtypes_read(s, subtypes, text);
	if ((text = option(words, "txt")) != NULL) {
		s->txt = txt;
		s->ntxt = txt_read(txt, text);
	}
	if ((text = option(words, "uses")) != NULL)
		uses_read(s, uses, text);
	if ((text = option(words, "ttl")) != NULL)
		s->ttl_s = (uint32_t)atoi(text);
	if ((text = option(words, "inc")) != NULL)
		s->incarnation = strtoull(text, NULL, 10);
	switches_read(s, words);
}

/* ---- commands ---- */

static struct service *find(const char *name)
{
	for (size_t i = 0; i < nservices; i++)
		if (strcmp(services[i].name, name) == 0 && services[i].s != NULL)
			return &services[i];
	fail(name);
	return NULL;
}

static void add(const char *name, char **options, bool is_counted)
{
	struct service *s = &services[nservices++];
	struct registrant_settings settings;
	int ret;

	settings_read(&settings, name, options);
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->is_counted = is_counted;
	ret = registrant_service_new(&s->s, registrant, &settings, on_event, s);
	if (ret < 0)
		printf("error %s %d\n", name, ret);
}

static void add_many(size_t n, const char *name, char **options)
{
	char text[DNS_NAME_TEXT_MAX];

	ncounted = n;
	for (size_t i = 1; i <= n; i++) {
		snprintf(text, sizeof(text), "%zu-%s", i, name);
		add(text, options, true);
	}
}

static void change(const char *name, char **options)
{
	struct registrant_settings settings;
	int ret;

	settings_read(&settings, name, options);
	ret = registrant_service_change(find(name)->s, &settings);
	if (ret < 0)
		printf("error %s %d\n", name, ret);
}

static void show(const struct service *s)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, registrant_service_name(s->s));
	printf("shown %s %" PRIu32 " %" PRIu64 "\n", text, registrant_service_lease_s(s->s),
	       registrant_service_incarnation(s->s));
	printf("seen %s %" PRIu64 "\n", s->name, registrant_service_seen(s->s));
}

static void on_update(void *arg, int error, uint16_t rcode, const char *why, uint64_t now)
{
	(void)now;
	printf("updated %d %u %s\n", error, (unsigned)rcode, why);
	registrant_update_free(*(struct registrant_update **)arg);
	free(arg);
}

static void update(char **words)
{
	struct registrant_update **u = malloc(sizeof(struct registrant_update *));
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX], txt[256], *msg = malloc(LINE_SIZE);
	struct dns_update_writer w;
	size_t n;

	if (u == NULL || msg == NULL)
		fail("memory");
	name_read(zone, words[1]);
	name_read(name, words[2]);
	n = txt_read(txt, words[4]);
	dns_update_write_begin(&w, msg, LINE_SIZE, 0, zone);
	dns_update_write_add(&w, name, DNS_TYPE_TXT, (uint32_t)atoi(words[3]), txt, n);
	n = dns_update_write_end(&w, 1232, 0);
	if (registrant_update_new(u, registrant, msg, n, now_ms() + WAIT_MS, on_update, u) < 0)
		fail("update");
}

static void single(char **words)
{
	struct registrant_change **c = malloc(sizeof(struct registrant_change *));
	uint8_t name[DNS_NAME_MAX];
	int ret;

	if (c == NULL)
		fail("memory");
	name_read(name, words[1]);
	if (strcmp(words[0], "remove") == 0)
		ret = registrant_change_remove(c, registrant, name, now_ms() + WAIT_MS, on_change,
					       c);
	else if (strcmp(words[0], "state") == 0)
		ret = registrant_change_state(c, registrant, name, state_read(words[2]),
					      now_ms() + WAIT_MS, on_change, c);
	else
		ret = registrant_change_report(c, registrant, name, words[2], now_ms() + WAIT_MS,
					       on_change, c);
	if (ret < 0)
		fail("change");
}

/* Returns false to quit. */
static bool command(char **words, size_t n)
{
	if (n == 0)
		return true;
	if (strcmp(words[0], "quit") == 0)
		return false;
	if (strcmp(words[0], "hurry") == 0) {
		registrant_hurry(registrant);
		return true;
	}
	if (n < 2)
		fail(words[0]);
	if (strcmp(words[0], "new") == 0) {
		add(words[1], words + 2, false);
	} else if (strcmp(words[0], "many") == 0) {
		add_many((size_t)atoi(words[1]), words[2], words + 3);
	} else if (strcmp(words[0], "change") == 0) {
		change(words[1], words + 2);
	} else if (strcmp(words[0], "end") == 0) {
		registrant_service_end(find(words[1])->s);
	} else if (strcmp(words[0], "free") == 0) {
		struct service *s = find(words[1]);

		registrant_service_free(s->s);
		s->s = NULL;
	} else if (strcmp(words[0], "unfit") == 0) {
		health_state = state_read(words[1]);
	} else if (strcmp(words[0], "show") == 0) {
		show(find(words[1]));
	} else if (strcmp(words[0], "update") == 0) {
		if (n < 5)
			fail(words[0]);
		update(words);
	} else if (strcmp(words[0], "sleep") == 0) {
		slept_ms += (uint64_t)atoi(words[1]) * 1000;
	} else {
		single(words);
	}
	return true;
}

/* Splits a line at its blanks, in place. */
static size_t split(char *line, char **words)
{
	size_t n = 0;

	for (char *save, *w = strtok_r(line, " \n", &save); w != NULL && n < WORDS_MAX - 1;
	     w = strtok_r(NULL, " \n", &save))
		words[n++] = w;
	words[n] = NULL;
	return n;
}

/* Reads what has come of commands. Returns false at the end. */
static bool commands_read(void)
{
	static char bytes[LINE_SIZE];
	static size_t used;
	char *words[WORDS_MAX], *end;
	ssize_t n = read(STDIN_FILENO, bytes + used, sizeof(bytes) - 1 - used);
	bool goes_on = n > 0;

	used += n > 0 ? (size_t)n : 0;
	bytes[used] = '\0';
	while (goes_on && (end = strchr(bytes, '\n')) != NULL) {
		*end = '\0';
		goes_on = command(words, split(bytes, words));
		used -= (size_t)(end + 1 - bytes);
		memmove(bytes, end + 1, used + 1);
	}
	return goes_on;
}

static void run(void)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = events.fd, .events = POLLIN}};

	for (;;) {
		uint64_t due = resolve_events_deadline(&events), now = now_ms();
		int wait_ms = due == UINT64_MAX	  ? -1
			      : due <= now	  ? 0
			      : due - now > 60000 ? 60000
						  : (int)(due - now);

		poll(fds, 2, wait_ms);
		if (fds[0].revents != 0 && !commands_read())
			return;
		resolve_events_run(&events, now_ms());
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static const struct registrant_clocks clocks = {wall_ms, slept, NULL};
	struct locate_settings settings = {.config = ""};
	struct base_error error;
	struct locate *locate;

	if (argc < 3 || base_secret_start() < 0)
		fail("usage: registering REGISTRY KEY-FILE [SECONDS]");
	settings.registry = argv[1];
	settings.key_file = argv[2][0] == '\0' ? NULL : argv[2];
	wrong_s = argc > 3 ? atoi(argv[3]) : 0;
	if (resolve_events_init(&events) < 0)
		fail("events");
	if (locate_new(&locate, &events, &settings, &error) < 0)
		fail(error.text);
	if (registrant_new(&registrant, &events, locate, &clocks) < 0)
		fail("memory");
	run();
	registrant_free(registrant);
	locate_free(locate);
	resolve_events_fini(&events);
	return 0;
}
