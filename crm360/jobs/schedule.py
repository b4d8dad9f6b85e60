"""What the clock does, and how often: one line per job."""

from __future__ import annotations

from datetime import timedelta

from crm360.commerce import valuing
from crm360.consents import ledger
from crm360.flows import retaining, rulings
from crm360.identity import model_versions, studies
from crm360.jobs import (
    abandon_carts,
    act_on_customers,
    activate_model,
    alarm_cases,
    answer_senders,
    apply_rules,
    ask_surveys,
    back_up,
    call_back,
    compute_figures,
    drop_segments,
    keep_retention,
    keep_segments,
    make_packages,
    poll_sources,
    purge_anonymous,
    purge_imports,
    purge_webhooks,
    read_mailboxes,
    run_asked,
    run_campaigns,
    send_letters,
    sign_ledger,
    study_models,
    value_customers,
    watch_folders,
    work_cases,
    work_on_backups,
)
from crm360.jobs.job import Job
from crm360.kernel import clock
from crm360.lists import actions
from crm360.outbox import queries as outbox
from crm360.outreach import queries as outreach
from crm360.segments import drops, keeping

JOBS = (
    Job("abandon carts", abandon_carts.run, every=timedelta(minutes=5), by_hand=True),
    Job(
        "learn from purchases",
        value_customers.learn,
        every=timedelta(minutes=5),
        by_hand=True,
        waiting=lambda: value_customers.due(now=clock.now()),
    ),
    Job("value customers", value_customers.run, every=timedelta(seconds=2), waiting=valuing.anything_marked),
    Job(
        "compute figures",
        compute_figures.run,
        every=timedelta(seconds=30),
        by_hand=True,
        waiting=lambda: compute_figures.due(now=clock.now()),
    ),
    Job(
        keep_segments.NAME,
        keep_segments.run,
        every=timedelta(seconds=1),
        waiting=keeping.anything_waiting,
        plan=keep_segments.plan,
    ),
    Job(
        "drop segments",
        drop_segments.run,
        every=timedelta(seconds=10),
        waiting=lambda: drops.anything_waiting(now=clock.now()),
    ),
    Job("poll sources", poll_sources.run, every=timedelta(seconds=10), waiting=poll_sources.something_waits),
    Job("watch folders", watch_folders.run, every=timedelta(seconds=10), waiting=watch_folders.something_waits),
    Job("read mailboxes", read_mailboxes.run, every=timedelta(seconds=2), waiting=read_mailboxes.something_waits),
    Job("answer senders", answer_senders.run, every=timedelta(seconds=10), waiting=answer_senders.something_waits),
    Job("apply rules", apply_rules.run, every=timedelta(seconds=5), waiting=rulings.something_waits),
    Job(
        "activate a model",
        activate_model.run,
        every=timedelta(seconds=5),
        waiting=lambda: model_versions.next_activation() is not None,
    ),
    Job(
        "study models",
        study_models.run,
        every=timedelta(seconds=3),
        waiting=lambda: studies.anything_waiting(now=clock.now()),
    ),
    Job(
        "act on customers",
        act_on_customers.run,
        every=timedelta(seconds=1),
        waiting=actions.anything_running,
    ),
    Job("forget bulk actions", act_on_customers.forget, every=timedelta(hours=6)),
    Job("forget webhooks", purge_webhooks.run, every=timedelta(hours=6), by_hand=True),
    Job(
        "send letters",
        send_letters.run,
        every=timedelta(seconds=3),
        waiting=lambda: outbox.anything_due(now=clock.now()),
    ),
    Job("ask surveys", ask_surveys.run, every=timedelta(minutes=1), waiting=ask_surveys.something_waits),
    Job(
        "run campaigns",
        run_campaigns.run,
        every=timedelta(seconds=3),
        waiting=lambda: outreach.anything_to_run(now=clock.now()),
    ),
    Job(
        "remind of cases",
        alarm_cases.run,
        every=timedelta(minutes=30),
        waiting=alarm_cases.something_waits,
        by_hand=True,
    ),
    Job("work on cases", work_cases.run, every=timedelta(seconds=3), waiting=work_cases.something_waits),
    Job(
        "call back",
        call_back.run,
        every=timedelta(seconds=10),
        waiting=lambda: call_back.something_waits(now=clock.now()),
    ),
    Job("make packages", make_packages.run, every=timedelta(seconds=3), waiting=make_packages.something_waits),
    Job("work on backups", work_on_backups.run, every=timedelta(seconds=2), waiting=work_on_backups.something_waits),
    Job("do what is asked", run_asked.run, every=timedelta(seconds=2), waiting=run_asked.something_waits),
    Job("purge imports", purge_imports.run, every=timedelta(hours=6), by_hand=True),
    Job("sign the ledger", sign_ledger.run, every=timedelta(hours=1), waiting=ledger.has_grown, by_hand=True),
    Job(
        "back up",
        back_up.run,
        every=timedelta(minutes=1),
        waiting=lambda: back_up.something_waits(now=clock.now()),
    ),
    Job("forget visitors", purge_anonymous.run, every=timedelta(hours=6), by_hand=True),
    Job(
        "keep retention rules",
        keep_retention.run,
        every=timedelta(hours=1),
        waiting=lambda: retaining.anything_due(now=clock.now()),
    ),
)
