FROM python:3.13-slim
# A compiler for `--warp`, which builds its small library where it runs.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
ENV PIP_NO_CACHE_DIR=1
WORKDIR /harness
COPY pyproject.toml Makefile ./
COPY agent_under_test/requirements agent_under_test/requirements
# The slow part first, so that a change of the sources does not install everything anew.
RUN mkdir harness && touch README.md harness/__init__.py agent_under_test/__init__.py && make .venv/ready agents
COPY . .
# Whoever runs it is not root: must be able to read what a strict umask has kept from others, and cannot store bytecode.
RUN find . -path "./.venv*" -prune -o -exec chmod a+rX {} + && touch .venv/ready && .venv/bin/python -m compileall -q harness agent_under_test tests
