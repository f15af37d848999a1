export const count: number = 'one';

export function double(x: number): string {
  return x * 2;
}

double('three');
