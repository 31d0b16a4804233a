"""The way through the steps: where the person is, what is behind, what is left out and why."""

from collections.abc import Callable, Iterable

from app.models.wizards.steps import Step, StepState, StepStatus

_ORDER = tuple(Step)


class Progress:
    """Keeps the current step. `why_not` says why a step does not apply, with nothing if it does."""

    def __init__(self, why_not: Callable[[Step], str]) -> None:
        self.current = Step.INFO
        self._why_not = why_not
        self._passed: set[Step] = set()
        self._skipped: set[Step] = set()

    def state(self, step: Step) -> StepStatus:
        """Where a step stands."""
        reason = self._why_not(step)
        if reason:
            return StepStatus(StepState.DOES_NOT_APPLY, reason)
        if step is self.current:
            return StepStatus(StepState.CURRENT)
        if step in self._skipped:
            return StepStatus(StepState.SKIPPED)
        return StepStatus(StepState.DONE if step in self._passed else StepState.TO_DO)

    def is_skipped(self, step: Step) -> bool:
        """Whether the person left the step out."""
        return step in self._skipped

    def is_seen(self, step: Step) -> bool:
        """Whether the person was through with the step once."""
        return step in self._passed or step in self._skipped

    def forget(self, steps: Iterable[Step]) -> None:
        """Steps whose answers were reset are to be done again."""
        self._passed -= set(steps)
        self._skipped -= set(steps)

    @property
    def before(self) -> Step | None:
        """The step that Back leads to."""
        earlier = _ORDER[: _ORDER.index(self.current)]
        return next((step for step in reversed(earlier) if not self._why_not(step)), None)

    def back(self) -> None:
        """To the step before, if there is one."""
        self.current = self.before or self.current

    def go_on(self, *, skipping: bool) -> None:
        """To the step after; the current one counts as done or as skipped."""
        done, other = (self._skipped, self._passed) if skipping else (self._passed, self._skipped)
        done.add(self.current)
        other.discard(self.current)
        later = _ORDER[_ORDER.index(self.current) + 1 :]
        self.current = next((step for step in later if not self._why_not(step)), self.current)
