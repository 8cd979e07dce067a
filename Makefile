.PHONY: run chat test day lint bench clean

run: ## start everything on this machine: web chat, and Telegram and Zalo when .env holds their tokens
	@bash .ci/setup run
	@.venv/bin/motcua run

chat: ## talk to Một Cửa on this terminal
	@bash .ci/setup run
	@.venv/bin/motcua chat

test: ## set up whatever is missing and run all tests (real PostgreSQL, real browser)
	@bash .ci/setup test
	@.venv/bin/python -m pytest -n 3 -m "not browser and not day"
	@.venv/bin/python -m pytest -n 2 -m "browser and not day" # on its own: playwright keeps an event loop running in its process

day: ## a notice to 5,000 and a busy day, processes killed all along, then its hall in a real browser: 15 minutes
	@bash .ci/setup test
	@.venv/bin/python -m pytest -m "day and not browser"
	@.venv/bin/python -m pytest -m "day and browser"

lint: ## the checks of CI
	@bash .ci/setup test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/motcua catalog check

bench: ## measure beside off-the-shelf baselines
	@bash .ci/setup test
	@for name in search turns booking notices start; do .venv/bin/motcua bench $$name; done

clean:
	rm -rf .venv .venv-next var .pytest_cache .mypy_cache .ruff_cache .hypothesis
