export * from '@paxakos/core';
