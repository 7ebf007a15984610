"""Puts a sick Hardware Management Console before a real agent, and tells the truth about what the agent did.

The map of the rooms; imports point downwards only:

    pytest_plugin/, cli.py      the two doors: `pytest scenarios/` and `harness COMMAND`
    cli_commands.py             what the second door does, apart from `harness hmc`
    assembly/                   the only place where concrete parts meet
    runner.py                   walks a trial: begins, heals, watches, clears up
    engines/                    carry out commands: relay/ (TCP), mitm/ (HTTP), agent_process.py
    hmc/                        the mock HMC; runs alone, too: python -m harness.hmc
    control_plane/              where heartbeats and port states arrive
    observe/                    raw signals become history events
    report/                     what a person gets to see of a trial, and where it is stored
    guard/                      foreign processes that cannot outlive us
    scenario_file/              YAML text becomes scenarios; file:line:column in each error
    faults/, checks/            one file each: what may go wrong, what is demanded
    core/                       scenario, timeline, commands, history, verdict: decides, and never waits
    errors.py                   what is raised on purpose

Which room for something new? A decision without waiting: core, faults, checks. Bytes, processes, seconds: engines,
hmc, observe, control_plane. Words of YAML: scenario_file. Words of pytest: pytest_plugin. Choosing a concrete class:
assembly.
"""
