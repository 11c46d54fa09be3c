// SPDX-License-Identifier: GPL-2.0-or-later
/* warm.c - a guest that was booted once, saved, and is restored for each trial */
#include "harness/vm/warm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define KVM_BOOT_MS 6000 /* a guest that takes 2.5 s under TCG and has not come up by then hangs */
#define SAVE_MS	    20000
#define STATES_KEPT 24 /* of several builds, and of a matrix with some machines and CPU counts */

/* Names a state: FNV-1a over everything that it depends on. */
static char *state_name(const struct vm_config *config)
{
	struct vm_config bare = *config, *c = &bare;
	struct strv argv = {NULL, 0};
	uint64_t hash = 0xcbf29ce484222325ULL;

	memset(bare.uart, 0, sizeof(bare.uart)); /* the stream holds devices, not their backends */
	bare.stem = NULL;
	strv_pushl(&argv, c->caps->identity, c->image->hash, NULL);
	vm_argv(c, &argv);
	for (size_t i = 0; i < argv.n; i++)
		for (const char *s = argv.v[i]; s == argv.v[i] || s[-1]; s++)
			hash = (hash ^ (unsigned char)*s) * 0x100000001b3ULL;
	strv_release(&argv);
	return xasprintf("%016" PRIx64, hash);
}

static bool migrate_done(struct vm *vm, struct deadline d, struct buf *why)
{
	for (;;) {
		enum qmp_result r = qmp_event(&vm->qmp, d, "MIGRATION", NULL, NULL);
		char *status;
		bool done, failed;

		if (r != QMP_OK) {
			qmp_result_text(&vm->qmp, r, "migrate", why);
			return false;
		}
		status = qmp_get(&vm->qmp, "status");
		done = status && strcmp(status, "completed") == 0;
		failed = status && strcmp(status, "failed") == 0;
		free(status);
		if (failed)
			buf_addstr(why, "QEMU could not save the guest's state");
		if (done || failed)
			return done;
	}
}

/* The commands that send the state of a running guest to @fd, or to file WARM_STATE, ours. */
static enum qmp_result migrate_start(struct vm *vm, int fd, struct deadline d)
{
	bool to_file = caps_version_at_least(vm->config.caps, 8, 2, 0);
	enum qmp_result r;

	r = qmp_cmd(&vm->qmp, d, "migrate-set-capabilities",
		    "{\"capabilities\": [{\"capability\": \"events\", \"state\": true}]}");
	if (r == QMP_OK)
		r = qmp_cmd(&vm->qmp, d, "migrate-set-parameters", "{\"max-bandwidth\": %lld}",
			    1LL << 40);
	if (r == QMP_OK && !to_file)
		r = qmp_cmd_fd(&vm->qmp, d, fd, "getfd", "{\"fdname\": \"state\"}");
	if (r == QMP_OK)
		r = qmp_cmd(&vm->qmp, d, "migrate", "{\"uri\": \"%s:state\"}",
			    to_file ? "file" : "fd");
	return r;
}

bool warm_save(struct vm *vm, struct buf *why)
{
	struct deadline d = deadline_in(SAVE_MS);
	int fd = open(WARM_STATE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	enum qmp_result r;

	if (fd < 0)
		die_errno("unable to make the file for the guest's state");
	r = migrate_start(vm, fd, d);
	close(fd);
	if (r != QMP_OK) {
		qmp_result_text(&vm->qmp, r, "migrate", why);
		return false;
	}
	return migrate_done(vm, d, why);
}

/* Boot in the current folder; with @save leave file WARM_STATE. */
static bool boot_here(const struct vm_config *config, int boot_ms, bool save, struct buf *why)
{
	struct vm vm;
	bool ok;

	vm_init(&vm, config);
	ok = vm_launch(&vm, NULL, NULL, 0, why) && vm_connect(&vm, why) &&
	     vm_await_boot(&vm, deadline_in(boot_ms), why) && (!save || warm_save(&vm, why)) &&
	     vm_quit(&vm, why);
	vm_release(&vm);
	return ok;
}

/* Boot in a fresh folder @dir. The files stay there when it fails, for a look. */
static bool boot_in(const char *dir, const struct vm_config *config, int boot_ms, bool save,
		    struct buf *why)
{
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	if (back < 0)
		die_errno("unable to open the current folder");
	file_enter_anew(dir);
	ok = boot_here(config, boot_ms, save, why);
	if (fchdir(back) < 0)
		die_errno("unable to go back to the current folder");
	close(back);
	return ok;
}

/* Under the lock: make @dir with a state in it, whole or not at all. */
static bool make_state(const char *dir, const struct vm_config *config, struct buf *why)
{
	char *making = xasprintf("%s.making", dir);
	struct vm_config bare = *config;
	bool ok;

	memset(bare.uart, 0, sizeof(bare.uart)); /* their backends are the trial's */
	bare.stem = NULL;
	ok = boot_in(making, &bare, VM_BOOT_MS, true, why);

	if (ok && rename(making, dir) < 0)
		die_errno("unable to rename %s", making);
	if (!ok)
		buf_addf(why, " (files: %s)", making);
	free(making);
	return ok;
}

struct state {
	char *dir;
	time_t used;
};

static int latest_first(const void *a, const void *b)
{
	const struct state *x = a, *y = b;

	return (x->used < y->used) - (x->used > y->used);
}

/* A probe's folder lives for seconds; one of an hour ago belonged to a suite that was killed. */
static bool is_stale_probe(const char *name, const struct stat *st)
{
	return (strncmp(name, "caps-", 5) == 0 || strncmp(name, "kvm-probe.", 10) == 0) &&
	       S_ISDIR(st->st_mode) && st->st_mtime < time(NULL) - 3600;
}

/* Under the lock: each build, image and configuration leaves a state of some 80 MB. The last few
 * that were used stay; a running QEMU has read its own already. */
static void prune_cache(const char *cache_dir)
{
	struct state *states = NULL;
	size_t n = 0;
	DIR *dir = opendir(cache_dir);
	struct dirent *e;

	if (!dir)
		die_errno("unable to read %s", cache_dir);
	while ((e = readdir(dir))) {
		char *path = xasprintf("%s/%s", cache_dir, e->d_name);
		struct stat st;

		if (stat(path, &st) < 0) {
			free(path); /* another suite's, which went meanwhile */
		} else if (strncmp(e->d_name, "warm-", 5) == 0) {
			states = xrealloc(states, (n + 1) * sizeof(*states));
			states[n++] = (struct state){path, st.st_mtime};
		} else {
			if (is_stale_probe(e->d_name, &st) && !file_remove_tree(path))
				warn("unable to remove %s", path);
			free(path);
		}
	}
	closedir(dir);
	if (n)
		qsort(states, n, sizeof(*states), latest_first);
	for (size_t i = 0; i < n; i++) {
		if (i >= STATES_KEPT && !file_remove_tree(states[i].dir))
			warn("unable to remove %s", states[i].dir);
		free(states[i].dir);
	}
	free(states);
}

bool warm_prepare(struct warm *w, const struct vm_config *config, const char *cache_dir,
		  struct buf *why)
{
	char *name = state_name(config);
	char *dir = xasprintf("%s/warm-%s", cache_dir, name);
	char *state = xasprintf("%s/state", dir);
	char *lock_path = xasprintf("%s/warm.lock", cache_dir);
	bool ok = file_exists(state);

	if (!ok) {
		int lock = file_lock(lock_path);

		ok = file_exists(state) || make_state(dir, config, why);
		prune_cache(cache_dir);
		close(lock);
	}
	if (ok && utimensat(AT_FDCWD, dir, NULL, 0) < 0)
		die_errno("unable to touch %s", dir);
	if (ok) {
		w->path = file_absolute(state);
		if (!w->path)
			die_errno("unable to find %s", state);
	}
	free(lock_path);
	free(state);
	free(dir);
	free(name);
	return ok;
}

void warm_release(struct warm *w)
{
	free(w->path);
	w->path = NULL;
}

int warm_argv(const struct warm *w, const struct caps *caps, struct strv *argv)
{
	int fd = open(w->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die_errno("unable to open %s", w->path);
	strv_push(argv, "-incoming");
	if (caps_version_at_least(caps, 8, 2, 0))
		strv_pushf(argv, "file:/proc/self/fd/%d", fd);
	else
		strv_pushf(argv, "fd:%d", fd);
	return fd;
}

/* The kernel's name for this boot of the host: an answer about KVM holds no longer than that. */
static void boot_id(struct buf *b)
{
	if (!buf_read_file(b, "/proc/sys/kernel/random/boot_id"))
		buf_addstr(b, "unknown\n");
}

/* Does our guest come up under KVM? Remembered. */
static bool kvm_works(const struct caps *caps, const struct image *image, const char *cache_dir)
{
	const struct vm_config config = {.caps = caps,
					 .accel = "kvm",
					 .image = image,
					 .machine = "pc",
					 .smp = 1,
					 .memory_mb = VM_MEMORY_MB};
	char *path = xasprintf("%s/kvm-%s-%s", cache_dir, caps->identity, image->hash);
	char *dir = xasprintf("%s/kvm-probe.%d", cache_dir, (int)getpid());
	struct buf host = BUF_INIT, known = BUF_INIT, why = BUF_INIT;
	bool works;

	boot_id(&host);
	if (buf_read_file(&known, path) && strncmp(known.data, host.data, host.len) == 0) {
		works = strcmp(known.data + host.len, "works\n") == 0;
	} else {
		works = boot_in(dir, &config, KVM_BOOT_MS, false, &why);
		buf_addstr(&host, works ? "works\n" : "does not\n");
		file_replace(path, host.data, host.len);
		if (!file_remove_tree(dir))
			die_errno("unable to remove %s", dir);
	}
	buf_release(&host);
	buf_release(&known);
	buf_release(&why);
	free(dir);
	free(path);
	return works;
}

const char *accel_choose(const struct caps *caps, const struct image *image, const char *request,
			 const char *cache_dir, struct buf *said, struct buf *why)
{
	bool any = !request || !*request;

	if (!any && strcmp(request, "tcg") != 0 && strcmp(request, "kvm") != 0) {
		buf_addf(why, "no accelerator is called %s: kvm or tcg", request);
		return NULL;
	}
	if (!any && !caps_has_accel(caps, request)) {
		buf_addf(why, "%s has no accelerator %s", caps->path, request);
		return NULL;
	}
	if (!any && strcmp(request, "tcg") == 0)
		return "tcg";
	if (!caps_has_accel(caps, "kvm") || access("/dev/kvm", R_OK | W_OK) < 0) {
		buf_addstr(said, "no access to /dev/kvm: TCG");
	} else if (kvm_works(caps, image, cache_dir)) {
		return "kvm";
	} else {
		buf_addstr(said, "the guest does not come up under KVM here: TCG");
	}
	if (!any) {
		buf_addf(why, "accelerator kvm was asked for, but: %s", said->data);
		return NULL;
	}
	if (caps_has_accel(caps, "tcg"))
		return "tcg";
	buf_addf(why, "%s has no accelerator that works here", caps->path);
	return NULL;
}
