const { defineProperty, getPrototypeOf } = Reflect;

const refusal = 'Code generation from strings is disallowed for this context';

/**
 * Refuses to make code of text: `eval` and the four constructors of functions, also where they are reached through
 * `.constructor`. The engine has no switch for it here. Before tenant code: afterwards a native one could have been kept.
 */
export function forbidCodeGeneration(target: object): void {
  const hidden = { writable: true, configurable: true, enumerable: false };
  // A method: no `prototype`, not constructible, like the native one.
  const { eval: refuseEval } = {
    eval(code: unknown): unknown {
      // What is no text was never evaluated.
      if (typeof code !== 'string') return code;
      throw new EvalError(refusal);
    },
  };
  defineProperty(target, 'eval', { value: refuseEval, ...hidden });

  const prototypes = {
    Function: getPrototypeOf(() => {}),
    AsyncFunction: getPrototypeOf(async () => {}),
    GeneratorFunction: getPrototypeOf(function* () {}),
    AsyncGeneratorFunction: getPrototypeOf(async function* () {}),
  };
  let plain: object | undefined;
  for (const [name, prototype] of Object.entries(prototypes)) {
    const refuse = function refuse(): never {
      throw new EvalError(refusal);
    };
    defineProperty(refuse, 'name', { value: name, configurable: true });
    defineProperty(refuse, 'length', { value: 1, configurable: true });
    // So that `x instanceof Function` keeps its meaning.
    defineProperty(refuse, 'prototype', { value: prototype, writable: false });
    const native = (prototype as { constructor: object }).constructor;
    defineProperty(prototype as object, 'constructor', { ...hidden, writable: name === 'Function', value: refuse });
    if (plain === undefined) {
      plain = refuse;
      defineProperty(target, name, { value: refuse, ...hidden });
    } else Object.setPrototypeOf(refuse, plain);
    // A native constructor leads on to `Function`; nothing reaches it any more, and it leads nowhere.
    if (name !== 'Function') Object.setPrototypeOf(native, plain);
  }
}
