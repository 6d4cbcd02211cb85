// A client of the Model Context Protocol, based on the official TypeScript SDK in target/mcp-sdk-ts.
//
// Starts the server given as arguments, calls the tools listed on stdin as [[name, arguments], ...], and prints
// {"tools": [name, ...], "responses": [response, ...], "resources": {uri: text, ...}, "prompts": {name: text, ...}}. The digest "$last" stands for the last one that a tool returned.
import { readFileSync } from "node:fs";

const sdk = new URL("../../../target/mcp-sdk-ts/node_modules/@modelcontextprotocol/sdk/dist/esm/client/", import.meta.url);
const { Client } = await import(new URL("index.js", sdk));
const { StdioClientTransport } = await import(new URL("stdio.js", sdk));

const calls = JSON.parse(readFileSync(0, "utf8"));
const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command, args, env: process.env }));
const { tools } = await client.listTools();
const responses = [];
let digest;
for (const [name, given] of calls) {
  if (given.digest === "$last") given.digest = digest;
  const response = await client.callTool({ name, arguments: given });
  digest = response.structuredContent.digest ?? digest;
  responses.push({ isError: false, ...response });
}
const resources = {};
for (const { uri } of (await client.listResources()).resources) {
  resources[uri] = (await client.readResource({ uri })).contents[0].text;
}
const prompts = {};
for (const { name } of (await client.listPrompts()).prompts) {
  prompts[name] = (await client.getPrompt({ name })).messages[0].content.text;
}
await client.close();
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), responses, resources, prompts }));
