/**
 * The Flite synthesizer as a function. The WebAssembly module is a command-line program; it runs here on the thirteen WASI
 * (preview 1) calls it imports, with one output file that lives in memory: no disk, no access to anything else.
 */
export type FliteProgram = {
  /**
   * Speaks ASCII `text`, `stretch` times as long as usual; 16-bit linear, 8 kHz, mono. Throws Error when the program fails. Blocks while
   * it runs.
   */
  synthesize(text: string, stretch?: number): Int16Array;
};

const SAMPLE_RATE_HZ = 8000;
const OUTPUT_PATH = 'out.wav';
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** Kal is the voice whose recordings are 8 kHz: nothing is lost on the way to G.711. */
const VOICE = 'kal';

const WORKING_DIRECTORY_FD = 3;
const OUTPUT_FD = 4;
const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NO_SUCH_FILE = 44;
const NO_SPACE = 51;
const CHARACTER_DEVICE = 2;
/** `filetype`: 3 is a directory, 4 a regular file. */
const FILE_TYPES: ReadonlyMap<number, number> = new Map([
  [WORKING_DIRECTORY_FD, 3],
  [OUTPUT_FD, 4],
]);

class ProgramExit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export function createFliteProgram(module: WebAssembly.Module): FliteProgram {
  return {
    synthesize(text, stretch = 1) {
      const pace = stretch === 1 ? [] : ['--setf', `duration_stretch=${stretch}`];
      const run = createRun(['flite', '-voice', VOICE, ...pace, '-t', text, '-o', OUTPUT_PATH]);
      // A fresh instance each time: the program leaks by design and a text can leave nothing behind for the next caller.
      const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: run.imports });
      const { memory, _start: start } = instance.exports;
      if (!(memory instanceof WebAssembly.Memory) || typeof start !== 'function') {
        throw new Error('not a WASI command');
      }
      run.attach(memory);
      try {
        start();
      } catch (error) {
        if (!(error instanceof ProgramExit)) throw error;
        if (error.code !== 0) throw new Error(`flite ended with ${error.code}: ${run.diagnostics()}`, { cause: error });
      }
      return readWave(run.output());
    },
  };
}

function createRun(args: readonly string[]) {
  const argBytes = args.map((arg) => Buffer.from(`${arg}\0`, 'latin1'));
  let memory: WebAssembly.Memory | undefined;
  let file = Buffer.alloc(256 * 1024);
  let fileLength = 0;
  let position = 0;
  let printed = '';

  // Fetched anew for each call: memory that grows gets another buffer.
  const view = () => new DataView(memory?.buffer ?? new ArrayBuffer(0));
  const slice = (pointer: number, length: number) => Buffer.from(memory?.buffer ?? new ArrayBuffer(0), pointer, length);

  function writeFile(bytes: Buffer): boolean {
    const end = position + bytes.length;
    if (end > MAX_OUTPUT_BYTES) return false;
    if (end > file.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * file.length));
      grown.set(file.subarray(0, fileLength));
      file = grown;
    }
    file.set(bytes, position);
    position = end;
    fileLength = Math.max(fileLength, end);
    return true;
  }

  const imports = {
    args_sizes_get(countPointer: number, sizePointer: number) {
      view().setUint32(countPointer, argBytes.length, true);
      view().setUint32(
        sizePointer,
        argBytes.reduce((sum, bytes) => sum + bytes.length, 0),
        true,
      );
      return SUCCESS;
    },
    args_get(pointers: number, buffer: number) {
      let offset = buffer;
      for (const [index, bytes] of argBytes.entries()) {
        view().setUint32(pointers + 4 * index, offset, true);
        slice(offset, bytes.length).set(bytes);
        offset += bytes.length;
      }
      return SUCCESS;
    },
    clock_time_get(_clock: number, _precision: bigint, result: number) {
      // The same words always sound the same.
      view().setBigUint64(result, 0n, true);
      return SUCCESS;
    },
    fd_close: () => SUCCESS,
    fd_fdstat_set_flags: () => SUCCESS,
    fd_fdstat_get(descriptor: number, result: number) {
      if (descriptor > OUTPUT_FD) return BAD_DESCRIPTOR;
      slice(result, 24).fill(0);
      view().setUint8(result, FILE_TYPES.get(descriptor) ?? CHARACTER_DEVICE);
      view().setBigUint64(result + 8, 0xffff_ffff_ffff_ffffn, true);
      view().setBigUint64(result + 16, 0xffff_ffff_ffff_ffffn, true);
      return SUCCESS;
    },
    fd_prestat_get(descriptor: number, result: number) {
      if (descriptor !== WORKING_DIRECTORY_FD) return BAD_DESCRIPTOR;
      view().setUint32(result, 0, true);
      view().setUint32(result + 4, 1, true);
      return SUCCESS;
    },
    fd_prestat_dir_name(descriptor: number, path: number, length: number) {
      if (descriptor !== WORKING_DIRECTORY_FD || length < 1) return BAD_DESCRIPTOR;
      slice(path, 1).write('.');
      return SUCCESS;
    },
    fd_read(_descriptor: number, _vectors: number, _count: number, result: number) {
      view().setUint32(result, 0, true);
      return SUCCESS;
    },
    fd_seek(descriptor: number, offset: bigint, whence: number, result: number) {
      if (descriptor !== OUTPUT_FD) return BAD_DESCRIPTOR;
      const base = whence === 0 ? 0 : whence === 1 ? position : fileLength;
      position = Math.max(0, base + Number(offset));
      view().setBigUint64(result, BigInt(position), true);
      return SUCCESS;
    },
    fd_write(descriptor: number, vectors: number, count: number, result: number) {
      let written = 0;
      for (let index = 0; index < count; index++) {
        const pointer = view().getUint32(vectors + 8 * index, true);
        const bytes = slice(pointer, view().getUint32(vectors + 8 * index + 4, true));
        if (descriptor === OUTPUT_FD) {
          if (!writeFile(bytes)) return NO_SPACE;
        } else if (printed.length < 1000) {
          printed += bytes.toString('latin1', 0, 1000);
        }
        written += bytes.length;
      }
      view().setUint32(result, written, true);
      return SUCCESS;
    },
    path_open(
      _directory: number,
      _lookup: number,
      path: number,
      length: number,
      _flags: number,
      _rights: bigint,
      _inheriting: bigint,
      _descriptorFlags: number,
      result: number,
    ) {
      if (slice(path, length).toString('latin1') !== OUTPUT_PATH) return NO_SUCH_FILE;
      view().setUint32(result, OUTPUT_FD, true);
      return SUCCESS;
    },
    proc_exit(code: number): never {
      throw new ProgramExit(code);
    },
  };

  return {
    imports,
    attach(instanceMemory: WebAssembly.Memory) {
      memory = instanceMemory;
    },
    output: () => file.subarray(0, fileLength),
    diagnostics: () => printed.trim() || 'no message',
  };
}

function readWave(wave: Buffer): Int16Array {
  if (wave.length < 44 || wave.toString('latin1', 0, 4) !== 'RIFF') throw new Error('flite wrote no wave file');
  if (wave.readUInt16LE(22) !== 1 || wave.readUInt32LE(24) !== SAMPLE_RATE_HZ || wave.readUInt16LE(34) !== 16) {
    throw new Error('flite wrote another format than 16-bit mono at 8 kHz');
  }
  const sampleCount = Math.floor((wave.length - 44) / 2);
  const pcm = new Int16Array(sampleCount);
  for (let index = 0; index < sampleCount; index++) pcm[index] = wave.readInt16LE(44 + 2 * index);
  return pcm;
}
