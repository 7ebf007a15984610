FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /harness
COPY pyproject.toml Makefile README.md ./
COPY agent_under_test/requirements agent_under_test/requirements
# The slow part first, so that a change of the sources does not install everything anew.
RUN mkdir -p harness && touch harness/__init__.py agent_under_test/__init__.py && make .venv/ready agents
COPY . .
RUN touch .venv/ready
