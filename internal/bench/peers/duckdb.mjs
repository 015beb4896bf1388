// Runs one statement on one thread: node duckdb.mjs FOLDER SQL, where FOLDER is
// the one in which npm installed @duckdb/node-api.
import { createRequire } from 'node:module'
const { DuckDBInstance } = createRequire(process.argv[2] + '/')('@duckdb/node-api')
const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
const result = await connection.runAndReadAll(process.argv[3])
console.log(result.getRows().join())
