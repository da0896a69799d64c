package logfit

import "math"

type matrix [count][count]float64

// cholesky returns the lower triangular root of a symmetric matrix, and whether that is
// positive definite.
func cholesky(a matrix) (root matrix, ok bool) {
	for i := range a {
		for j := 0; j <= i; j++ {
			sum := a[i][j]
			for k := range j {
				sum -= root[i][k] * root[j][k]
			}
			if i > j {
				root[i][j] = sum / root[j][j]
				continue
			}
			if !(sum > 1e-14*math.Abs(a[i][i])) || math.IsInf(sum, 1) {
				return root, false
			}
			root[i][i] = math.Sqrt(sum)
		}
	}
	return root, true
}

// solve returns x with root·rootᵀ·x = b.
func (root *matrix) solve(b Params) Params {
	for i := range b {
		for k := range i {
			b[i] -= root[i][k] * b[k]
		}
		b[i] /= root[i][i]
	}
	for i := count - 1; i >= 0; i-- {
		for k := i + 1; k < count; k++ {
			b[i] -= root[k][i] * b[k]
		}
		b[i] /= root[i][i]
	}
	return b
}
