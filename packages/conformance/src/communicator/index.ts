export { type CommunicatorCase, type CommunicatorSuiteOptions, communicatorCases } from './communicator-cases.ts';
