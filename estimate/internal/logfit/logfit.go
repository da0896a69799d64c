// Package logfit fits the times that mailboxes take to a sum of parts, on the scale
// of logarithms, with a prior.
//
// # The model
//
// A mailbox with the shares s, n and 1 of what the average mailbox has in bytes,
// items and mailboxes takes the time
//
//	t = exp(θ) · ((1-φ-ψ)·s + φ·n + ψ) · exp(σ·ε - σ²/2)
//
// so that exp(θ) is what the average mailbox takes on average, φ the part of it that
// goes with items, ψ the part that each mailbox has, and σ the spread of rates. ε is
// standard normal but for one in Contamination, which has Inflation times the
// spread: that is what makes the estimate robust, as a mailbox that took
// much longer than the others is then not thought to say anything on them (Tukey, A
// survey of sampling from contaminated distributions, 1960).
//
// A row that is censored took more than its time; its likelihood is the chance of
// that.
//
// # The estimate
//
// The parameters (θ, φ, ψ, log σ) are those of the highest posterior density, found by
// a damped Newton iteration within φ, ψ ≥ 0 and φ+ψ ≤ MaxShare. Their
// uncertainty is the normal distribution that has the curvature of the log posterior
// there (the observed information), cut off at these bounds. The prior of θ is
// Student's t with PriorFreedom degrees of freedom, so that rows that contradict
// it prevail soon; those of φ, ψ and log σ are normal.
//
// If n is the same multiple of s in all rows, their likelihood does not depend on φ,
// and the prior decides. The same holds for ψ if all rows have one size.
package logfit

import (
	"math"
	"slices"
)

// The constants of the model. They are customary choices, not findings: 1 in 100
// rows that is off by 10 times the spread.
const (
	Contamination = 0.01
	Inflation     = 10
	PriorFreedom  = 4
	MaxShare      = 0.98
	// grain is a part of the average time that is added to every row's, so that
	// nearly empty mailboxes, whose times are those of the clock, decide nothing.
	grain = 1e-4
	// consistency makes σ the standard deviation of rows that have no contamination:
	// it is what σ would come out as if it were left out, found by integration.
	consistency = 0.99289
)

// The parameters.
const (
	Phi = iota
	Psi
	Theta
	LogSigma
	count
)

// Params are values of the parameters.
type Params [count]float64

// Share returns the factor of exp(θ) of a mailbox.
func (p *Params) Share(s, n float64) float64 { return (1-p[Phi]-p[Psi])*s + p[Phi]*n + p[Psi] }

// Prior is what is known of the parameters before there are rows: where they are
// expected, and by how much they may differ from that.
type Prior struct{ Mean, Deviation Params }

// Row is a mailbox that was copied in a time, or that was not copied yet.
type Row struct {
	S, N     float64 // not negative
	LogTime  float64 // the logarithm of the time, in any unit
	Censored bool
}

// Posterior is the distribution of the parameters.
type Posterior struct {
	Mode   Params
	centre Params // of the normal distribution that the bounds cut; the mode unless that is on a bound
	root   matrix // lower triangular, of its covariance
}

// Fit returns what the rows and the prior say. Its time is proportional to the rows.
func Fit(rows []Row, prior Prior) Posterior {
	n := float64(len(rows))
	own := math.Exp(prior.Mean[LogSigma]) / prior.Deviation[Theta]
	f := fit{rows, prior, n / (n + own*own)}
	p := f.start()
	value, grad := f.eval(&p)
	damp := 1e-3
	info := f.information(&p)
	for range 60 {
		next, ok := f.step(p, grad, info, damp)
		if !ok {
			damp = max(4*damp, 1e-3)
			continue
		}
		nextValue, nextGrad := f.eval(&next)
		if !(nextValue >= value) {
			if damp *= 4; damp > 1e12 {
				break
			}
			continue
		}
		done := nextValue-value < 1e-9 && damp <= 1
		p, value, grad, damp = next, nextValue, nextGrad, damp/8
		info = f.information(&p)
		if done {
			break
		}
	}
	return f.posterior(p, grad, info)
}

type fit struct {
	rows  []Row
	prior Prior
	// freedom is the part of a degree of freedom that θ takes from σ: the posterior of
	// σ is its marginal one, where θ has been integrated out, since the mode of all
	// parameters together has too small a spread where there are few rows.
	freedom float64
}

// start returns where the iteration begins: the prior, with the median of what the rows
// say of θ, and the median deviation from that for σ.
func (f *fit) start() Params {
	p := f.prior.Mean
	if len(f.rows) == 0 {
		return p
	}
	var logs []float64
	for _, r := range f.rows {
		logs = append(logs, r.LogTime-math.Log(p.Share(r.S, r.N)+grain))
	}
	slices.Sort(logs)
	median := logs[len(logs)/2]
	if len(f.rows) >= 4 {
		for i, l := range logs {
			logs[i] = math.Abs(l - median)
		}
		slices.Sort(logs)
		p[LogSigma] = math.Log(min(2, max(0.05, 1.4826*logs[len(logs)/2])))
	}
	p[Theta] = median + math.Exp(2*p[LogSigma])/2
	return p
}

// eval returns the log posterior density, but for a constant, and its gradient.
func (f *fit) eval(p *Params) (value float64, grad Params) {
	sigma := math.Exp(p[LogSigma])
	scale := consistency * sigma
	for i := range f.rows {
		r := &f.rows[i]
		share := p.Share(r.S, r.N) + grain
		e := (r.LogTime - p[Theta] - math.Log(share) + sigma*sigma/2) / scale
		v, d := logDensity(e)
		dLog := -1 - e*d // by log σ, while the location stays
		if r.Censored {
			v, d = logSurvival(e)
			dLog = -e * d
		} else {
			v -= p[LogSigma]
		}
		value += v
		dLocation := -d / scale
		grad[Theta] += dLocation
		grad[Phi] += dLocation * (r.N - r.S) / share
		grad[Psi] += dLocation * (1 - r.S) / share
		grad[LogSigma] += dLog - dLocation*sigma*sigma
	}
	value += f.freedom * p[LogSigma]
	grad[LogSigma] += f.freedom
	for k := range p {
		z := (p[k] - f.prior.Mean[k]) / f.prior.Deviation[k]
		if k == Theta {
			// Scaled so that the curvature at the centre is that of a normal prior.
			u := z * z / (PriorFreedom + 1)
			value -= (PriorFreedom + 1) / 2.0 * math.Log1p(u)
			grad[k] -= z / f.prior.Deviation[k] / (1 + u)
			continue
		}
		value -= z * z / 2
		grad[k] -= z / f.prior.Deviation[k]
	}
	return value, grad
}

// logDensity returns the logarithm of the density of ε, but for a constant, and its
// derivative.
func logDensity(e float64) (value, derivative float64) {
	e2 := e * e
	core := (1 - Contamination) * math.Exp(-e2/2)
	wide := Contamination / Inflation * math.Exp(-e2/(2*Inflation*Inflation))
	if wide < 1e-300 { // far outside, where only the wide part counts
		return math.Log(Contamination/Inflation) - e2/(2*Inflation*Inflation), -e / (Inflation * Inflation)
	}
	return math.Log(core + wide), -e * (core + wide/(Inflation*Inflation)) / (core + wide)
}

// logSurvival returns the logarithm of the chance that ε is larger, and its derivative.
func logSurvival(e float64) (value, derivative float64) {
	q := (1-Contamination)*math.Erfc(e/math.Sqrt2)/2 + Contamination*math.Erfc(e/(Inflation*math.Sqrt2))/2
	if q < 1e-300 { // Mills' ratio of the wide part
		w := e / Inflation
		return -w*w/2 - math.Log(w*math.Sqrt(2*math.Pi)) + math.Log(Contamination), -w / Inflation
	}
	density := ((1-Contamination)*math.Exp(-e*e/2) + Contamination/Inflation*math.Exp(-e*e/(2*Inflation*Inflation))) / math.Sqrt(2*math.Pi)
	return math.Log(q), -density / q
}

// information returns the negative matrix of second derivatives.
func (f *fit) information(p *Params) (info matrix) {
	const h = 1e-4
	for k := range p {
		up, down := *p, *p
		up[k] += h
		down[k] -= h
		if (k == Phi || k == Psi) && down[k] < 0 { // nothing is defined outside
			up[k], down[k] = p[k]+2*h, p[k]
		}
		_, above := f.eval(&up)
		_, below := f.eval(&down)
		for j := range p {
			info[k][j] = -(above[j] - below[j]) / (2 * h)
		}
	}
	for k := range info {
		for j := range k {
			mean := (info[k][j] + info[j][k]) / 2
			info[k][j], info[j][k] = mean, mean
		}
	}
	return info
}

// step returns p moved by a damped Newton step within the bounds.
func (f *fit) step(p, grad Params, info matrix, damp float64) (Params, bool) {
	// What is on a bound and would leave it stays there.
	var held [count]bool
	for _, k := range []int{Phi, Psi} {
		held[k] = p[k] <= 0 && grad[k] <= 0
	}
	for k := range info {
		info[k][k] += damp * max(math.Abs(info[k][k]), 1/(f.prior.Deviation[k]*f.prior.Deviation[k]))
		if held[k] {
			for j := range info {
				info[k][j], info[j][k] = 0, 0
			}
			info[k][k], grad[k] = 1, 0
		}
	}
	root, ok := cholesky(info)
	if !ok {
		return p, false
	}
	delta := root.solve(grad)
	for k := range p {
		p[k] += max(-2, min(delta[k], 2)) // no leap that an exponential would not survive
	}
	p[Phi] = max(0, min(p[Phi], MaxShare))
	p[Psi] = max(0, min(p[Psi], MaxShare-p[Phi]))
	p[LogSigma] = max(-7, min(p[LogSigma], 3))
	return p, true
}

// posterior returns the distribution around the mode.
func (f *fit) posterior(mode, grad Params, info matrix) Posterior {
	root, ok := cholesky(info)
	if !ok { // no maximum in some direction, or numbers beyond all floats: what the prior says
		info = matrix{}
		for k := range info {
			info[k][k] = 1 / (f.prior.Deviation[k] * f.prior.Deviation[k])
		}
		root, _ = cholesky(info)
	}
	// On a bound the density still rises towards the outside: it is that of a normal
	// distribution around a centre outside.
	for k := range grad {
		if k != Phi && k != Psi || mode[k] > 0 {
			grad[k] = 0
		}
	}
	post := Posterior{Mode: mode, centre: mode}
	delta := root.solve(grad)
	for k := range delta {
		post.centre[k] += delta[k]
	}
	var covariance matrix
	for k := range covariance {
		var unit Params
		unit[k] = 1
		covariance[k] = root.solve(unit)
	}
	post.root, _ = cholesky(covariance)
	return post
}
