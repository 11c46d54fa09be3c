// SPDX-License-Identifier: GPL-2.0-or-later
/* features.c - every backend and every option that it has, and the trials that use it */
#include "harness/run/features.h"

#include <stdlib.h>
#include <string.h>

#include "harness/run/matrix.h"
#include "harness/run/wire.h"

/**
 * struct feature_backend - A backend and its options
 * @name:	as behind -chardev
 * @options:	its own, blanks between; those of all backends are FEATURE_COMMON's
 */
struct feature_backend {
	const char *name, *options;
};

#define FEATURE_COMMON "mux logfile logappend logtimestamp"

/* From qapi/char.json and qemu-options.hx of QEMU 7.2 to 11.1. */
static const struct feature_backend feature_backends[] = {
	{"null", ""},
	{"socket", "path abstract tight host port to ipv4 ipv6 fd nodelay delay server wait telnet "
		   "tn3270 websocket tls-creds tls-authz reconnect reconnect-ms"},
	{"udp", "host port localaddr localport ipv4 ipv6"},
	{"pty", "path"},
	{"file", "path append input-path"},
	{"pipe", "path"},
	{"serial", "path"},
	{"parallel", "path"},
	{"stdio", "signal"},
	{"ringbuf", "size"},
	{"memory", "size"},
	{"vc", "width height cols rows encoding"},
	{"mux", "chardev"},
	{"hub", "chardevs.0 chardevs.1 chardevs.2 chardevs.3"},
	{"msmouse", ""},
	{"wctablet", ""},
	{"testdev", ""},
	{"braille", ""},
	{"spicevmc", "name debug"},
	{"spiceport", "name"},
	{"qemu-vdagent", "mouse clipboard"},
	{"dbus", "name encoding"},
	{NULL, NULL},
};

/**
 * struct feature_excuse - Why no trial uses an option
 * @option:	"*": any; "": the backend itself
 */
static const struct feature_excuse {
	const char *backend, *option, *why;
} feature_excuses[] = {
	{"*", "logtimestamp", "as on the others: qemu_chr_write_log() is one for all"},
	{"socket", "delay", "the opposite of nodelay=, and seen by nobody outside"},
	{"memory", "*", "ringbuf by its other name"},
	{"mux", "*", "-chardev mux is what mux=on makes of another backend"},
	{"vc", "mux", "nothing comes from it, and what goes to it is vc.shows's"},
	{"msmouse", "mux", "its bytes are a protocol of one device"},
	{"wctablet", "mux", "its bytes are a protocol of one device"},
	{"testdev", "mux", "it ends QEMU, and says nothing"},
	{"parallel", "*", "wants a parallel port of the host"},
	{"braille", "*", "wants BrlAPI and a display; not in Debian's builds"},
	{"spicevmc", "*", "with a SPICE client only; the bytes are the agents' (spice.*)"},
	{"spiceport", "mux", "as on the others: a mux is one for all"},
	{"spiceport", "logfile", "as on the others: qemu_chr_write_log() is one for all"},
	{"spiceport", "logappend", "as on the others: qemu_chr_write_log() is one for all"},
	{"qemu-vdagent", "*", "its bytes are a protocol of one device"},
	{"dbus", "*", "wants -display dbus and a client on a bus"},
};

/** struct feature - One line of the table: an option, or the backend itself */
struct feature {
	const struct feature_backend *backend;
	char *option;
	size_t trials;
	const char *trial;
};

struct features {
	struct feature *list;
	size_t n;
};

static bool in_words(const char *words, const char *word)
{
	struct strv list = {NULL, 0};
	bool found;

	strv_split(&list, words, " ");
	found = strv_has(&list, word);
	strv_release(&list);
	return found;
}

bool feature_known(const char *option)
{
	bool known = in_words(FEATURE_COMMON " id backend", option);

	for (const struct feature_backend *b = feature_backends; b->name && !known; b++)
		known = in_words(b->options, option);
	return known;
}

bool feature_backend_known(const char *backend)
{
	for (const struct feature_backend *b = feature_backends; b->name; b++)
		if (strcmp(b->name, backend) == 0)
			return true;
	return false;
}

/* Members of qapi/char.json that are called otherwise on the command line. "console" is Windows's,
 * but in the schema everywhere until QEMU 8. */
static const char *const members[][2] = {
	{"file", "in out"},  {"serial", "device"}, {"parallel", "device"},
	{"pipe", "device"},  {"socket", "addr"},   {"udp", "remote local"},
	{"hub", "chardevs"}, {"spicevmc", "type"}, {"spiceport", "fqdn"},
	{"console", ""},
};

bool feature_member_known(const char *backend, const char *member)
{
	bool known = false, is = false;

	for (const struct feature_backend *b = feature_backends; b->name; b++)
		if (strcmp(b->name, backend) == 0) {
			is = true;
			known = in_words(b->options, member);
		}
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (strcmp(members[i][0], backend) == 0) {
			is = true;
			known = known || in_words(members[i][1], member);
		}
	return known || (is && in_words(FEATURE_COMMON, member));
}

static void add(struct features *f, const struct feature_backend *backend, const char *option)
{
	f->list = xrealloc(f->list, (f->n + 1) * sizeof(*f->list));
	f->list[f->n++] = (struct feature){.backend = backend, .option = xstrdup(option)};
}

static void all_features(struct features *f)
{
	for (const struct feature_backend *b = feature_backends; b->name; b++) {
		struct strv options = {NULL, 0};

		add(f, b, "");
		strv_split(&options, b->options, " ");
		strv_split(&options, FEATURE_COMMON, " ");
		for (size_t i = 0; i < options.n; i++)
			add(f, b, options.v[i]);
		strv_release(&options);
	}
}

static void use(struct features *f, const char *backend, const char *option, const char *trial,
		struct buf *why)
{
	for (size_t i = 0; i < f->n; i++) {
		struct feature *x = &f->list[i];

		if (strcmp(x->backend->name, backend) != 0 || strcmp(x->option, option) != 0)
			continue;
		if (!x->trial || strcmp(x->trial, trial) != 0)
			x->trials++;
		x->trial = trial;
		return;
	}
	buf_addf(why, "%s: no backend %s with an option %s is known\n", trial, backend, option);
}

/* "BACKEND,option=value,..", as behind -chardev. */
static void use_text(struct features *f, const char *text, const char *trial, struct buf *why)
{
	struct strv words = {NULL, 0};

	strv_split(&words, text, ",");
	for (size_t i = 0; i < words.n; i++) {
		words.v[i][strcspn(words.v[i], "=")] = '\0';
		if (i == 0)
			use(f, words.v[0], "", trial, why);
		else if (strcmp(words.v[i], "id") != 0)
			use(f, words.v[0], words.v[i], trial, why);
	}
	strv_release(&words);
}

/* What chr_cmdline() says of a host end, without making one. */
static const char *chr_text(const struct plan_chr *c)
{
	static const char *const udp[] = {
		[CHR_UDP_LOCAL] = "udp,host,port,localaddr,localport",
		[CHR_UDP_REMOTE] = "udp,host,port",
		[CHR_UDP_LOCALADDR] = "udp,host,port,localaddr",
		[CHR_UDP_LOCALPORT] = "udp,host,port,localport",
		[CHR_UDP_IPV4] = "udp,host,port,ipv4,localport",
		[CHR_UDP_IPV6] = "udp,host,port,ipv6,localaddr,localport",
	};

	switch (c->kind) {
	case CHR_UNIX:
		return c->role == CHR_QEMU_CONNECTS ? "socket,path" : "socket,path,server,wait";
	case CHR_TCP:
		return c->role == CHR_QEMU_CONNECTS ? "socket,host,port"
		       : c->role == CHR_QEMU_WAITS  ? "socket,fd,server,wait"
						    : "socket,host,port,server,wait";
	case CHR_UDP:
		return udp[c->udp_form];
	case CHR_PTY:
		return "pty";
	case CHR_PIPE:
		return "pipe,path";
	case CHR_FILE:
		return c->file_input ? "file,path,input-path" : "file,path";
	case CHR_SERIAL:
		return "serial,path";
	}
	return NULL;
}

static void use_trial(struct features *f, const struct trial_spec *spec, struct buf *why)
{
	const struct check_case *c = spec->variant.c;
	struct strv texts = {NULL, 0};
	struct plan plan = {0};

	case_plan(&spec->variant, &plan);
	for (size_t i = 0; i < plan.n_chrs; i++)
		strv_pushf(&texts, "%s%s%s", chr_text(&plan.chrs[i]),
			   plan.chrs[i].options ? "," : "",
			   plan.chrs[i].options ? plan.chrs[i].options : "");
	for (size_t i = 0; i + 1 < plan.args.n; i++)
		if (strcmp(plan.args.v[i], "-chardev") == 0)
			strv_push(&texts, plan.args.v[i + 1]);
	if (c->chardevs)
		c->chardevs(&spec->variant, &texts);
	for (size_t i = 0; i < texts.n; i++)
		use_text(f, texts.v[i], spec->id, why);
	strv_release(&texts);
	plan_release(&plan);
}

static const char *excuse(const struct feature *x)
{
	for (size_t i = 0; i < sizeof(feature_excuses) / sizeof(*feature_excuses); i++) {
		const struct feature_excuse *e = &feature_excuses[i];

		if ((strcmp(e->backend, "*") == 0 || strcmp(e->backend, x->backend->name) == 0) &&
		    (strcmp(e->option, "*") == 0 || strcmp(e->option, x->option) == 0))
			return e->why;
	}
	return NULL;
}

/* One line. */
static void print(const struct feature *x, struct buf *out)
{
	const char *why = x->trial ? NULL : excuse(x);

	buf_addf(out, "%-12s  %-12s  %5zu  %s%s\n", x->backend->name, x->option, x->trials,
		 x->trial ? x->trial
		 : why	  ? "none: "
			  : "uncovered",
		 why ? why : "");
}

bool features_table(const struct matrix *m, struct buf *out, struct buf *why)
{
	struct features f = {NULL, 0};
	size_t before = why->len;

	all_features(&f);
	for (size_t i = 0; i < m->n; i++)
		if (m->trials[i].run != RUN_NEVER)
			use_trial(&f, &m->trials[i], why);
	for (size_t i = 0; i < f.n; i++) {
		print(&f.list[i], out);
		free(f.list[i].option);
	}
	free(f.list);
	return why->len == before;
}
