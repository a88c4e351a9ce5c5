// Reads what `ava --tap` prints: counts the results and keeps only what a person wants to see.

/** A reader of TAP lines: `line(text)` returns what to show (or undefined), `counts` holds the totals so far. */
export function tapReader() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let shows = false;
  const line = (text) => {
    const result = /^(ok|not ok) \d+(?: - )?(.*)$/.exec(text);
    if (result === null) {
      const isFrame = /^(TAP version|1\.\.|# (tests|pass|fail|skip)\b|---$)/.test(text);
      const isComment = text.startsWith('# ') && !isFrame;
      return (shows || !/^(\s|#|$)/.test(text) || isComment) && !isFrame ? text : undefined;
    }
    const [, verdict, title] = result;
    if (/ # (SKIP|TODO)$/.test(title)) {
      counts.skipped += 1;
      shows = false;
      return `- ${title}`;
    }
    shows = verdict === 'not ok';
    counts[shows ? 'failed' : 'passed'] += 1;
    return shows ? `✗ ${title}` : undefined;
  };
  return { line, counts };
}
