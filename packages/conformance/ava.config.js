import base from '../../ava.base.js';

export default { ...base, concurrency: 3 };
