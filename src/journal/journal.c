/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A commit:
 *
 * 1. The pieces of the batch are gathered; everything that memory is needed for later is taken.
 * 2. They are written behind the last record, in whole blocks that hold no committed record, and
 *    synced.
 * 3. If that worked the commit counts: index, items and figures follow, which cannot fail.
 * 4. If not, the segment is abandoned: the next record goes to another one, and names the last
 *    commit that counts as the one before it (journal/scan.c tells how that is read). An empty
 *    record does so at once, if the disk lets us. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "journal/io.h"
#include "journal/journal.h"
#include "journal/journal_priv.h"
#include "journal/system.h"

enum {
	SEGMENT_SIZE = 16 * 1024 * 1024,
	HISTORY_SIZE = 256 * 1024 * 1024,
	FORMAT_MAX = 200,    /* bytes of the format file */
	ZONE_TEXT_MAX = 180, /* of a file's name; longer zones' are cut, with a hash */
};

void journal_path(char out[static JOURNAL_PATH_MAX], const char *folder, const char *name)
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/%s", folder, name);
}

/* Letters, digits, hyphen and underscore as they are, everything else %XX; labels end with a dot
 * but for the last. A zone `notes` is spelled in another way than the items' own file. */
static size_t zone_to_text(char out[static 4 * DNS_NAME_MAX], const uint8_t *zone)
{
	size_t n = 0;

	if (*zone == 0)
		return (size_t)sprintf(out, "%%root");
	if (dns_name_equal(zone, (const uint8_t *)"\5notes"))
		return (size_t)sprintf(out, "%%6eotes");
	for (; *zone != 0; zone += *zone + 1) {
		for (uint8_t i = 1; i <= *zone; i++) {
			uint8_t c = dns_lower[zone[i]];

			if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '_')
				out[n++] = (char)c;
			else
				n += (size_t)sprintf(out + n, "%%%02x", c);
		}
		out[n++] = '.';
	}
	return n - 1;
}

void journal_zone_path(char out[static JOURNAL_PATH_MAX], const char *folder, const uint8_t *zone,
		       const char *suffix)
{
	char text[4 * DNS_NAME_MAX], tail[24] = "";
	uint8_t lower[DNS_NAME_MAX];
	size_t n = zone_to_text(text, zone);

	if (n > ZONE_TEXT_MAX) {
		snprintf(tail, sizeof(tail), "%%%%%016" PRIx64,
			 base_hash(lower, dns_name_lower(lower, zone), 0));
		n = ZONE_TEXT_MAX;
	}
	snprintf(out, JOURNAL_PATH_MAX, "%s/%.*s%s.%s", folder, (int)n, text, tail, suffix);
}

bool journal_has_suffix(const char *file, const char *suffix)
{
	size_t n = strlen(file), m = strlen(suffix);

	return n > m && strcmp(file + n - m, suffix) == 0;
}

#define FORMAT_DAMAGED "the file format is damaged: restore the folder from a copy"

/* ---- Open and close ------------------------------------------------------------------------- */

int journal_format_read(const char *folder, uint64_t *key, struct base_error *error)
{
	const struct base_location at = {folder, 0};
	char path[JOURNAL_PATH_MAX], text[FORMAT_MAX + 1] = "";
	unsigned version;
	ssize_t n;
	int fd;

	journal_path(path, folder, "format");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return base_error_set_at(error, -errno, at, "cannot open the file format: %s",
					 strerror(errno));
	n = read(fd, text, FORMAT_MAX);
	close(fd);
	if (n <= 0 || sscanf(text, "weft store %u\nkey %16" SCNx64 "\n", &version, key) < 1)
		return base_error_set_at(error, -EBADMSG, at, FORMAT_DAMAGED);
	if (version > JOURNAL_FORMAT)
		return base_error_set_at(error, -EPROTO, at,
					 "the store has format %u, and this weftd knows formats up "
					 "to %d only: use the version of weft that wrote it, or a "
					 "later one",
					 version, JOURNAL_FORMAT);
	if (sscanf(text, "weft store %u\nkey %16" SCNx64 "\n", &version, key) != 2)
		return base_error_set_at(error, -EBADMSG, at, FORMAT_DAMAGED);
	return 0;
}

/* A new store. A log without the format file is one that lost it. */
static int format_write(struct journal *j, struct base_error *error)
{
	const struct base_location at = {j->folder, 0};
	char path[JOURNAL_PATH_MAX], text[FORMAT_MAX];
	uint64_t *numbers;
	size_t count;
	int ret = journal_segment_list(j->folder, &numbers, &count);

	free(numbers);
	journal_path(path, j->folder, "format");
	if (ret == 0 && count > 0)
		return base_error_set_at(error, -EBADMSG, at,
					 "the file format is missing, but there is a log: restore "
					 "the folder from a copy");
	if (ret == 0 && getrandom(&j->key, sizeof(j->key), 0) != sizeof(j->key))
		ret = -EIO;
	if (ret == 0) {
		int n = snprintf(text, sizeof(text), "weft store %d\nkey %016" PRIx64 "\n",
				 JOURNAL_FORMAT, j->key);

		ret = journal_io_put_file(j->folder, path, text, (size_t)n);
	}
	return ret < 0 ? base_error_set_at(error, ret, at, "cannot make a store: %s",
					   strerror(-ret))
		       : 0;
}

/* Reads the format file, or makes it for a new store. */
static int format_get(struct journal *j, struct base_error *error)
{
	struct base_error of_reading;
	int ret = journal_format_read(j->folder, &j->key, &of_reading);

	if (ret == -ENOENT)
		return format_write(j, error);
	if (ret < 0 && error != NULL)
		*error = of_reading;
	return ret;
}

static int lock_take(struct journal *j, struct base_error *error)
{
	const struct base_location at = {j->folder, 0};
	char path[JOURNAL_PATH_MAX];

	journal_path(path, j->folder, "lock");
	j->lock_fd = journal_system.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock_fd < 0 && errno == EROFS) /* may still be read */
		j->lock_fd = journal_system.open(path, O_RDONLY | O_CLOEXEC, 0);
	if (j->lock_fd < 0)
		return base_error_set_at(error, -errno, at, "cannot open the file lock: %s",
					 strerror(errno));
	if (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return base_error_set_at(error, errno == EWOULDBLOCK ? -EBUSY : -errno, at,
					 "the store is in use by another weftd");
	return 0;
}

static struct journal *journal_new(const struct store_settings *settings)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->direct = aligned_alloc(JOURNAL_IO_ALIGNED, JOURNAL_IO_DIRECT);
	if (j->direct == NULL) {
		free(j);
		return NULL;
	}
	j->store.engine = &journal_engine;
	j->lock_fd = -1;
	j->next_number = 1;
	j->log_from = 1;
	j->segment_size = settings->segment_size > 0 ? settings->segment_size : SEGMENT_SIZE;
	j->history_size = settings->history_size > 0 ? settings->history_size : HISTORY_SIZE;
	j->history_age_s = settings->history_age_s;
	snprintf(j->folder, sizeof(j->folder), "%s", settings->directory);
	pthread_mutex_init(&j->round, NULL);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->wake, NULL);
	pthread_cond_init(&j->made, NULL);
	return j;
}

static void journal_close(struct store *s)
{
	struct journal *j = journal_of(s);

	journal_reclaim_stop(j);
	while (j->segments != NULL) {
		struct journal_segment *next = j->segments->next;

		journal_segment_close(j->segments);
		j->segments = next;
	}
	while (j->spares != NULL) {
		struct journal_segment *next = j->spares->next;

		journal_segment_close(j->spares);
		j->spares = next;
	}
	journal_segment_close(j->prepared);
	journal_gather_fini(&j->gather);
	journal_history_fini(&j->history);
	journal_items_fini(&j->items);
	if (j->lock_fd >= 0)
		close(j->lock_fd);
	pthread_cond_destroy(&j->made);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->round);
	free(j->direct);
	free(j);
}

static int journal_open(struct store **out, const struct store_settings *settings,
			struct base_error *error)
{
	struct journal *j;
	int ret;

	if (settings->segment_size % JOURNAL_BLOCK != 0)
		return base_error_set(error, -EINVAL, "segment-size must be a multiple of %d bytes",
				      JOURNAL_BLOCK);
	if (strlen(settings->directory) >= sizeof(j->folder))
		return base_error_set(error, -EINVAL, "state-dir must be shorter than %zu bytes",
				      sizeof(j->folder));
	j = journal_new(settings);
	if (j == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	ret = lock_take(j, error);
	if (ret == 0)
		ret = format_get(j, error);
	if (ret < 0) {
		/* The folder's name goes with `j`; the caller has it too. */
		if (error != NULL)
			error->at.file = settings->directory;
		journal_close(&j->store);
		return ret;
	}
	*out = &j->store;
	return 0;
}

/* ---- Segments ------------------------------------------------------------------------------- */

void journal_segment_add(struct journal *j, struct journal_segment *s)
{
	struct journal_segment **end = &j->segments;

	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	s->next = NULL;
	s->start = j->log_end;
	j->log_end += s->size;
}

uint64_t journal_end(const struct journal *j)
{
	return j->active == NULL ? j->log_end : j->active->start + j->at;
}

/* Takes the active segment out of use. One that holds no commit is of no use to anybody. */
static void segment_abandon(struct journal *j)
{
	struct journal_segment *s = j->active, **link = &j->segments;

	pthread_mutex_lock(&j->lock);
	j->active = NULL;
	j->has_failed_record = true;
	s->is_abandoned = true;
	journal_segment_finish(s);
	if (s->last_sequence == 0) {
		while (*link != s)
			link = &(*link)->next;
		*link = s->next;
		j->log_end -= s->size;
		journal_segment_remove(s, j->folder);
	}
	pthread_mutex_unlock(&j->lock);
}

/* Copies the last record, found at the start, to the new segment: the page cache may hold what the
 * disk never got, and what is committed next must not stand on it. Writing its old blocks again
 * would be the one thing that we never do. */
static int tail_copy(struct journal *j)
{
	uint8_t *bytes = malloc(j->tail_nbytes);
	struct iovec piece = {bytes, j->tail_nbytes};
	struct journal_record r;
	int ret = bytes == NULL
			  ? -ENOMEM
			  : journal_io_read(j->tail->fd, bytes, j->tail_nbytes, j->tail_offset);

	if (ret == 0 && !journal_record_parse(&r, bytes, j->tail_nbytes, j->tail->number, j->key))
		ret = -EBADMSG;
	if (ret == 0) {
		r.segment = j->active->number;
		journal_record_reseal(&r, bytes, j->key);
		ret = journal_segment_write(j->active, j->direct, &piece, 1, 0);
	}
	if (ret == 0 && journal_system.fdatasync(j->active->fd) < 0)
		ret = -errno;
	free(bytes);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&j->lock);
	journal_history_move(&j->history, r.sequence, j->active, 0);
	j->active->last_sequence = r.sequence;
	j->active->last_time_s = r.time_s;
	j->last = j->active;
	j->at = j->tail_nbytes;
	pthread_mutex_unlock(&j->lock);
	j->checksum = r.checksum;
	j->is_tail_unsure = false;
	return 0;
}

int journal_segment_begin(struct journal *j, uint64_t nbytes)
{
	struct journal_segment *s;
	int ret;

	if (j->is_tail_unsure)
		nbytes += j->tail_nbytes;
	ret = journal_segment_take(j, &s, nbytes);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&j->lock);
	journal_segment_add(j, s);
	journal_segment_finish(j->active);
	j->active = s;
	j->at = 0;
	pthread_mutex_unlock(&j->lock);
	if (j->is_tail_unsure && (ret = tail_copy(j)) < 0)
		segment_abandon(j);
	return ret;
}

/* ---- Commits -------------------------------------------------------------------------------- */

/* Writes what was gathered as the next record. With -EIO and the like the segment is abandoned. */
static int record_write(struct journal *j, struct journal_record *r)
{
	uint64_t nbytes = journal_record_nbytes(r);
	int ret = 0;

	if (j->active == NULL || j->at + nbytes > j->active->size)
		ret = journal_segment_begin(j, nbytes);
	if (ret < 0)
		return ret;
	r->sequence = j->sequence + 1;
	r->previous = j->checksum;
	r->segment = j->active->number;
	journal_gather_seal(&j->gather, r, j->key);
	ret = journal_segment_write(j->active, j->direct, j->gather.pieces, j->gather.npieces,
				    j->at);
	if (ret == 0 && journal_system.fdatasync(j->active->fd) < 0)
		ret = -errno;
	if (ret < 0)
		segment_abandon(j);
	return ret;
}

/* Tells everybody of a record that is durable. Under the lock. */
static void record_count(struct journal *j, const struct journal_record *r)
{
	j->has_failed_record = false;
	j->sequence = r->sequence;
	j->checksum = r->checksum;
	j->active->last_sequence = r->sequence;
	j->active->last_time_s = r->time_s;
	j->last = j->active;
	j->at += journal_record_nbytes(r);
	j->stats.commits++;
	j->stats.syncs++;
	j->stats.commit_bytes += journal_record_nbytes(r);
}

/* A commit failed after something may have reached the disk. An empty record in another segment
 * says that it does not count; if that fails too, the next commit will say so. */
static void void_last(struct journal *j)
{
	const struct store_batch nothing = {.time_s = j->last == NULL ? 0 : j->last->last_time_s};
	struct journal_record r;

	if (journal_gather_batch(&j->gather, &r, &nothing, false) < 0 || record_write(j, &r) < 0)
		return;
	pthread_mutex_lock(&j->lock);
	record_count(j, &r);
	pthread_mutex_unlock(&j->lock);
}

/* Takes all the memory that counting the batch will need. Under the lock. */
static int batch_prepare(struct journal *j, const struct store_batch *batch)
{
	for (size_t i = 0; i < batch->nchanges; i++) {
		struct journal_zone *z = journal_history_get(&j->history, batch->changes[i].zone);

		if (z == NULL || journal_history_reserve(z, batch->nchanges) < 0)
			return -ENOMEM;
	}
	return journal_items_prepare(&j->items, batch->items, batch->nitems);
}

/* Under the lock. */
static void batch_count(struct journal *j, const struct store_batch *batch,
			const struct journal_record *r, bool is_removal)
{
	struct journal_entry e = {.segment = j->active,
				  .offset = j->at,
				  .nbytes = journal_record_nbytes(r),
				  .sequence = r->sequence};

	for (size_t i = 0; i < batch->nchanges; i++) {
		struct journal_zone *z = journal_history_find(&j->history, batch->changes[i].zone);

		e.from = batch->changes[i].changes.from;
		e.to = batch->changes[i].changes.to;
		if (is_removal)
			journal_history_remove(z, r->sequence);
		else
			journal_history_add(z, &e);
	}
	journal_items_commit(&j->items, batch->items, batch->nitems);
}

static int batch_commit(struct journal *j, const struct store_batch *batch, bool is_removal)
{
	struct journal_record r;
	int ret = journal_gather_batch(&j->gather, &r, batch, is_removal);

	pthread_mutex_lock(&j->lock);
	if (ret == 0)
		ret = batch_prepare(j, batch);
	pthread_mutex_unlock(&j->lock);
	if (ret < 0)
		return ret;

	ret = record_write(j, &r);
	pthread_mutex_lock(&j->lock);
	if (ret == 0) {
		batch_count(j, batch, &r, is_removal);
		record_count(j, &r);
	} else {
		journal_items_abort(&j->items, batch->nitems);
		j->stats.commit_failures++;
	}
	if (j->prepared == NULL)
		pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	if (ret < 0 && j->has_failed_record)
		void_last(j);
	return ret;
}

static int journal_commit(struct store *s, const struct store_batch *batch)
{
	return batch_commit(journal_of(s), batch, false);
}

static void file_unlink(struct journal *j, const uint8_t *zone, const char *suffix)
{
	char path[JOURNAL_PATH_MAX];

	journal_zone_path(path, j->folder, zone, suffix);
	journal_system.unlink(path);
}

/* First the record that says so: files that a crash leaves behind, or that come back because the
 * folder was not synced, are older than it. */
static int journal_zone_remove(struct store *s, const uint8_t *zone,
			       const struct store_batch *items)
{
	struct journal *j = journal_of(s);
	const struct store_change removal = {.zone = zone};
	struct store_batch batch = *items;
	int ret;

	assert(items->nchanges == 0);
	batch.changes = &removal;
	batch.nchanges = 1;
	ret = batch_commit(j, &batch, true);
	if (ret < 0)
		return ret;
	file_unlink(j, zone, "checkpoint");
	file_unlink(j, zone, "base");
	file_unlink(j, zone, "base-next");
	journal_io_sync_folder(j->folder);
	return 0;
}

/* ---- Figures -------------------------------------------------------------------------------- */

uint64_t journal_needed(const struct journal *j, uint64_t most)
{
	for (const struct journal_zone *z = j->history.zones; z != NULL; z = z->next) {
		const struct journal_entry *e = journal_history_unchecked(z);

		if (e != NULL && e->sequence < most)
			most = e->sequence;
	}
	return most;
}

static uint64_t journal_log_nbytes(struct store *s)
{
	struct journal *j = journal_of(s);
	uint64_t oldest, end;

	pthread_mutex_lock(&j->lock);
	oldest = end = journal_end(j);
	for (const struct journal_zone *z = j->history.zones; z != NULL; z = z->next) {
		const struct journal_entry *e = journal_history_unchecked(z);

		if (e != NULL && e->segment->start + e->offset < oldest)
			oldest = e->segment->start + e->offset;
	}
	pthread_mutex_unlock(&j->lock);
	return end - oldest;
}

static void journal_stats_get(struct store *s, struct store_stats *out)
{
	struct journal *j = journal_of(s);
	uint64_t needed;

	pthread_mutex_lock(&j->lock);
	*out = j->stats;
	out->segments = 0;
	out->history_bytes = 0;
	needed = journal_needed(j, j->sequence + 1);
	for (const struct journal_segment *g = j->segments; g != NULL; g = g->next) {
		out->segments++;
		if (g != j->active && g != j->last && g->last_sequence < needed)
			out->history_bytes += g->size;
	}
	pthread_mutex_unlock(&j->lock);
}

const struct store_engine journal_engine = {
	.open = journal_open,
	.close = journal_close,
	.recover = journal_recover,
	.commit = journal_commit,
	.log_nbytes = journal_log_nbytes,
	.checkpoint_begin = journal_checkpoint_begin,
	.checkpoint_record = journal_checkpoint_record,
	.checkpoint_end = journal_checkpoint_end,
	.checkpoint_abort = journal_checkpoint_abort,
	.baseline_begin = journal_baseline_begin,
	.baseline_prepare = journal_baseline_prepare,
	.baseline_adopt = journal_baseline_adopt,
	.baseline_read = journal_baseline_read,
	.baseline_identity = journal_baseline_identity,
	.zone_remove = journal_zone_remove,
	.history_read = journal_history_read,
	.stats_get = journal_stats_get,
};
