import base from '../../ava.base.js';

const isLong = (path) => Number(/conformance|wrapped/.test(path));

export default { ...base, concurrency: 3, sortTestFiles: (a, b) => isLong(b) - isLong(a) };
