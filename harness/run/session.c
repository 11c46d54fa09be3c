// SPDX-License-Identifier: GPL-2.0-or-later
/* session.c - what the trials of a run share */
#include "harness/run/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/refdev/refdev.h"
#include "harness/run/wire.h"

static bool any_needs(const struct trial_spec *const *trials, size_t n, unsigned needs)
{
	for (size_t i = 0; i < n; i++)
		if (trials[i]->variant.c->needs & needs)
			return true;
	return false;
}

/* The kind of backend that an axis value stands for, in QEMU's words. */
static const char *axis_backend(const char *value)
{
	enum chr_kind kind;

	return chr_kind_parse(value, &kind) ? chr_kind_backend(kind) : value;
}

const struct image *session_image(const struct session *s, const struct plan *plan)
{
	if (!plan || !plan->flavour || !s->image || strcmp(s->image->flavour, plan->flavour) == 0)
		return s->image;
	return s->also && strcmp(s->also->flavour, plan->flavour) == 0 ? s->also : NULL;
}

/* The machine and the device types of the plan that this build does not have, and its guest. */
static char *plan_lacks(const struct session *session, const struct variant *v)
{
	struct plan plan = {0};
	char *lacks = NULL, *machine;

	case_plan(v, &plan);
	if (session->image && !session_image(session, &plan)) {
		lacks = xasprintf(
			"the guest image is of flavour %s, and none is there of flavour %s",
			session->image->flavour, plan.flavour);
		plan_release(&plan);
		return lacks;
	}
	machine = plan.machine ? xstrndup(plan.machine, strcspn(plan.machine, ",")) : xstrdup("pc");
	if (!caps_has_machine(session->caps, machine))
		lacks = xasprintf("this QEMU has no machine %s", machine);
	free(machine);
	for (size_t i = 0; i < plan.devices.n && !lacks; i++) {
		char *type = xstrndup(plan.devices.v[i], strcspn(plan.devices.v[i], ","));

		if (!caps_has_device(session->caps, type))
			lacks = xasprintf("this QEMU has no device %s", type);
		free(type);
	}
	plan_release(&plan);
	return lacks;
}

char *session_lacks(const struct session *session, const struct trial_spec *spec)
{
	const struct check_case *c = spec->variant.c;
	const char *device = variant_get(&spec->variant, "device");
	const char *backend = variant_get(&spec->variant, "backend");
	const char *more;
	char *lacks;

	if (!(c->needs & (NEEDS_QEMU | NEEDS_GUEST)))
		return NULL;
	if (session->reference)
		return c->wire ? wire_reference_lacks(&spec->variant, session->reference)
			       : xstrdup("this is no case for the reference device");
	if ((c->needs & NEEDS_GUEST) && !session->caps->slirp)
		return xstrdup(
			"this QEMU has no user networking (slirp), which ssh to the guest needs");
	if (device && !caps_has_device(session->caps, device))
		return xasprintf("this QEMU has no device %s", device);
	if (backend && !caps_has_backend(session->caps, axis_backend(backend)))
		return xasprintf("this QEMU has no chardev backend %s", axis_backend(backend));
	lacks = plan_lacks(session, &spec->variant);
	if (lacks)
		return lacks;
	more = c->lacks ? c->lacks(&spec->variant, session->caps) : NULL;
	return more ? xstrdup(more) : NULL;
}

bool session_expects_failure(const struct session *s, const struct trial_spec *spec)
{
	/* What is expected is of QEMU, and of the reference device that is to be like one. */
	const struct caps *caps = s->reference ? s->like : s->caps;

	return (!s->reference || s->like) && spec->expect_reason &&
	       (!*spec->expect_versions ||
		(caps && caps_version_matches(caps, spec->expect_versions, NULL)));
}

/* Is there a guest trial that starts from the common saved state? */
static bool any_warm(const struct session *s, const struct trial_spec *const *trials, size_t n)
{
	bool warm = false;

	for (size_t i = 0; i < n && !warm; i++) {
		const struct check_case *c = trials[i]->variant.c;
		char *lacks = session_lacks(s, trials[i]);
		struct plan plan = {0};

		case_plan(&trials[i]->variant, &plan);
		warm = (c->needs & NEEDS_GUEST) && !plan.cold && !plan.flavour && !lacks;
		plan_release(&plan);
		free(lacks);
	}
	return warm;
}

struct vm_config session_config(const struct session *s, const struct plan *plan, bool guest)
{
	struct vm_config config = {
		.caps = s->caps,
		.accel = plan && plan->accel ? plan->accel : s->accel,
		.image = guest ? session_image(s, plan) : NULL,
		.machine = plan && plan->machine ? plan->machine : "pc",
		.smp = plan && plan->smp ? plan->smp : 1,
		.memory_mb = plan && plan->memory_mb ? plan->memory_mb : VM_MEMORY_MB,
		.append = plan ? plan->append : NULL,
		.console = plan ? plan->console : NULL,
		.n_uarts = plan ? plan->n_uarts : 0,
		.defaults = plan && plan->defaults,
		.has_terminal = plan && plan->has_terminal,
		.controlled = plan && plan->controlled,
	};

	for (int i = 0; i < 2 && config.has_terminal; i++)
		config.terminal[i] = plan->terminal[i];
	for (int i = 0; i < config.n_uarts; i++)
		config.uart[i] = plan->uart[i];
	return config;
}

static void probe(struct caps *caps, const char *qemu, const char *cache)
{
	struct buf why = BUF_INIT;
	char *path;

	caps_init(caps);
	path = caps_find(qemu, &why);
	if (!path)
		die_usage("%s", why.data);
	if (!caps_probe(caps, path, cache, cache, &why))
		die("%s", why.data);
	free(path);
}

static void probe_to(struct session_parts *p, const char *qemus, const char *cache)
{
	struct strv each = {NULL, 0};

	strv_split(&each, qemus, ":");
	if (!each.n)
		die_usage("--qemu-to wants FILE[:FILE..], not '%s'", qemus);
	p->to = xcalloc(each.n, sizeof(*p->to));
	for (size_t i = 0; i < each.n; i++)
		probe(&p->to[i], each.v[i], cache);
	p->session.to = p->to;
	p->session.n_to = each.n;
	strv_release(&each);
}

static void probe_all(struct session_parts *p, const struct options *o, const char *qemu)
{
	char *cache = xasprintf("%s/cache", o->build);

	file_mkdirs(cache);
	probe(&p->caps, qemu, cache);
	p->session.caps = &p->caps;
	if (o->qemu_to)
		probe_to(p, o->qemu_to, cache);
	p->session.cache = file_absolute(cache);
	if (!p->session.cache)
		die_errno("unable to find %s", cache);
	free(cache);
}

static void choose_accel(struct session_parts *p, const struct options *o)
{
	struct buf said = BUF_INIT, why = BUF_INIT;

	p->session.accel =
		accel_choose(&p->caps, &p->image, o->accel, p->session.cache, &said, &why);
	if (!p->session.accel)
		die_usage("%s", why.data);
	printf("QEMU %s, accelerator %s%s%s%s, Linux %s\n", p->caps.version, p->session.accel,
	       said.len ? " (" : "", said.data, said.len ? ")" : "", p->image.kernel);
	fflush(stdout);
	buf_release(&said);
}

/* The state that nearly all trials start from; the others are made when a trial wants one. */
static void prepare_warm(struct session_parts *p)
{
	struct vm_config config = session_config(&p->session, NULL, true);
	struct warm warm = {NULL};
	struct buf why = BUF_INIT;

	if (!warm_prepare(&warm, &config, p->session.cache, &why))
		die("the guest that all trials start from cannot be made: %s", why.data);
	warm_release(&warm);
}

static void add_variable(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(b, " %s=", name);
	text_quote_sh(b, value);
}

/* The front of the line that runs a trial again: what we were told as make's variables; from make
 * itself what it told to others than us, of the guest's image. */
static void rerun_prefix(const struct options *o, const char *qemu, struct buf *b)
{
	static const char *const images[] = {"SUITE", "KERNEL", "MODULES"};
	const char *flavour = getenv("FLAVOUR");
	char *scale = xasprintf("%g", deadline_scale()), *seconds = xasprintf("%d", o->seconds);

	buf_addstr(b, "make check QEMU=");
	text_quote_sh(b, qemu);
	add_variable(b, "QEMU_TO", o->qemu_to);
	for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++)
		add_variable(b, images[i], getenv(images[i]));
	add_variable(b, "FLAVOUR", flavour && strcmp(flavour, "cloud") != 0 ? flavour : NULL);
	add_variable(b, "ACCEL", o->accel);
	add_variable(b, "TIMEOUT_SCALE", strcmp(scale, "1") != 0 ? scale : NULL);
	add_variable(b, "STRICT", o->strict ? "1" : NULL);
	add_variable(b, "TIME", o->seconds ? seconds : NULL);
	add_variable(b, "FAULT", o->fault);
	add_variable(b, "TARGET", o->target);
	free(seconds);
	free(scale);
}

static bool faults_known(const char *text)
{
	struct strv names = {NULL, 0};
	bool known = true;

	strv_split(&names, text, ",");
	for (size_t i = 0; i < names.n && known; i++) {
		known = false;
		for (unsigned bit = 0; bit < refdev_fault_count() && !known; bit++)
			known = strcmp(refdev_fault_get(bit)->name, names.v[i]) == 0;
	}
	strv_release(&names);
	return known;
}

/* Which QEMU the personality is like: "qemu-10.0.13,-name-nul". */
static void choose_version(struct session_parts *p)
{
	char *version = refdev_personality_version(p->personality);

	if (version) {
		sscanf(version, "%d.%d.%d", &p->like.major, &p->like.minor, &p->like.micro);
		p->session.like = &p->like;
	}
	free(version);
}

/* "reference[=PERSONALITY][!FAULT,..]" */
static void choose_target(struct session_parts *p, const char *text)
{
	static const char word[] = "reference";
	const char *faults = strchr(text, '!');
	size_t len = faults ? (size_t)(faults - text) : strlen(text), n = strlen(word);
	struct buf why = BUF_INIT;

	if (strncmp(text, word, n) != 0 || (len > n && text[n] != '='))
		die_usage("--target wants reference[=PERSONALITY][!FAULT], not %s", text);
	p->personality = len > n ? xstrndup(text + n + 1, len - n - 1) : xstrdup("strict");
	if (!refdev_personality_known(p->personality, &why))
		die_usage("%s", why.data);
	p->session.reference = p->personality;
	choose_version(p);
	p->session.ref_faults = faults ? faults + 1 : NULL;
	if (faults && (!faults[1] || !faults_known(faults + 1)))
		die_usage("the reference device has no such fault: %s ('faults' lists them)",
			  faults + 1);
}

void session_open(struct session_parts *p, const struct options *o, const char *qemu,
		  const struct trial_spec *const *trials, size_t n, bool with_warm)
{
	struct buf why = BUF_INIT, prefix = BUF_INIT;
	struct chr_fault fault;

	if (o->fault && !chr_fault_parse(&fault, o->fault))
		die_usage("no such fault: %s", o->fault);
	*p = (struct session_parts){.session = {.fault = o->fault,
						.verbose = o->verbose,
						.seconds = o->seconds,
						.keep_guest = o->keep_guest,
						.keep_all = o->keep_all}};
	rerun_prefix(o, qemu, &prefix);
	p->rerun_prefix = buf_steal(&prefix);
	if (o->target)
		choose_target(p, o->target);
	if (p->session.reference || !any_needs(trials, n, NEEDS_QEMU | NEEDS_GUEST))
		return;
	probe_all(p, o, qemu);
	if (!any_needs(trials, n, NEEDS_GUEST) || !p->caps.slirp)
		return;
	if (!image_load(&p->image, o->image, &why))
		die("%s", why.data);
	p->session.image = &p->image;
	/* What needs it is skipped where it was not made. */
	if (o->also_image && file_exists(o->also_image)) {
		if (!image_load(&p->also, o->also_image, &why))
			die("%s", why.data);
		p->session.also = &p->also;
	}
	if (!with_warm && o->accel)
		p->session.accel = o->accel;
	else if (!with_warm)
		p->session.accel = "tcg";
	else
		choose_accel(p, o);
	if (with_warm && any_warm(&p->session, trials, n))
		prepare_warm(p);
	buf_release(&why);
}

void session_close(struct session_parts *p)
{
	free(p->session.cache);
	free(p->session.dir);
	free(p->rerun_prefix);
	free(p->personality);
	if (p->session.image)
		image_release(&p->image);
	if (p->session.also)
		image_release(&p->also);
	if (p->session.caps)
		caps_release(&p->caps);
	for (size_t i = 0; i < p->session.n_to; i++)
		caps_release(&p->to[i]);
	free(p->to);
}
