import type { ServerResponse } from 'node:http';

/** Answers in the own languages of Anthropic, Gemini, Ollama and of OpenAI's responses; answers false for what is none of them. */
export function answerNatively({ path, body }: { readonly path: string; readonly body: { model?: string } | null }, response: ServerResponse): boolean {
  const answer = nativeAnswer(path, body);
  if (!answer) return false;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
  return true;
}

function nativeAnswer(path: string, body: { model?: string } | null): object | null {
  if (path.endsWith('/messages')) {
    return {
      id: 'msg_fake',
      type: 'message',
      role: 'assistant',
      model: body?.model,
      content: [{ type: 'text', text: 'anthropic speaks' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 3 },
    };
  }
  if (path.includes(':generateContent')) {
    return {
      candidates: [{ content: { role: 'model', parts: [{ text: 'gemini speaks' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 },
    };
  }
  if (path.endsWith('/api/chat')) {
    return { model: body?.model, message: { role: 'assistant', content: 'ollama speaks' }, done: true, prompt_eval_count: 5, eval_count: 3 };
  }
  if (path.endsWith('/responses')) {
    return {
      id: 'resp_fake',
      object: 'response',
      created_at: 1_700_000_000,
      status: 'completed',
      model: body?.model,
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
      output: [
        {
          type: 'message',
          id: 'msg_fake',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'responses speaks', annotations: [] }],
        },
      ],
      usage: { input_tokens: 5, output_tokens: 3, total_tokens: 8 },
    };
  }
  return null;
}
